"""Work that outlives the process: a run that was started finishes, through any number of crashes.

Rules for what runs here:

- A workflow is deterministic: it calls steps, decides on their results, and does nothing else. Time, chance,
  databases and the network belong in steps.
- A step happens at least once. Killed between its effect and its record, it happens again. So every step body
  looks up by a deterministic key, acts if absent, and returns what it found or made.
- Arguments and results are plain data: None, bool, int, float, str, lists, and dicts with text keys. They are
  stored sealed. Ids and names of workflows and steps are stored in clear: opaque ids only, nobody's name.
- A step that raised is done: its BotError is recorded and raised again on replay. To look once more is
  another step.
- Never rename, reorder or remove steps of a workflow that may have unfinished runs.
"""

from bot.durable.codec import Discreet, describe
from bot.durable.engine import Engine
from bot.durable.runs import Run, RunState, crash_point

__all__ = ["Discreet", "Engine", "Run", "RunState", "crash_point", "describe"]
