"""Questions as people ask them, and the command that answers each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.chat.grammar import Unknown, Word, WordKind

ASKING = frozenset({"who", "whose", "what", "when", "which", "why", "how", "where"})
_ANSWERED = (  # how a question begins, how it may end, the command that answers it
    (("who", "am", "i"), (), "whoami"),
    (("who", "owns"), (), "show"),
    (("who", "is", "the", "owner", "of"), (), "show"),
    (("whose", "is"), (), "show"),
    (("what", "breaks", "if"), ("leaves", "left", "goes", "is gone"), "impact"),
    (("what", "breaks", "when"), ("leaves", "left", "goes", "is gone"), "impact"),
    (("what", "happens", "if"), ("leaves", "left", "goes", "is gone"), "impact"),
    (("what", "stops", "if"), ("leaves", "left", "goes", "is gone"), "impact"),
    (("what", "depends", "on"), (), "impact"),
    (("when", "does"), ("expire", "expires", "end", "run out"), "show"),
    (("when", "will"), ("expire", "end", "run out"), "show"),
    (("search", "for"), (), "list"),
    (("search",), (), "list"),
    (("find",), (), "list"),
)


def understood(words: Sequence[Word]) -> tuple[Word, ...] | None:
    """The command that a question means, with what it asks about; None where it is no question.

    Raises:
        Unknown: it is a question, and none that a command answers.
    """
    said = [word.value.casefold() if word.kind is WordKind.TEXT and not word.quoted else "" for word in words]
    for begins, ends, verb in _ANSWERED:
        if tuple(said[: len(begins)]) == begins:
            about = _without(words[len(begins) :], ends)
            if about or verb == "whoami":
                return (Word(verb), *about)
    if said and said[0] in ASKING and len(said) > 1:
        raise Unknown(
            "That question has no command of its own. These have: `who owns X`, `what breaks if X leaves`, "
            "`when does X expire`, `find X`."
        )
    return None


def _without(words: Sequence[Word], ends: Sequence[str]) -> tuple[Word, ...]:
    """What is asked about: without a question mark, and without the words that end the question."""
    about = list(words)
    if about and about[-1].kind is WordKind.TEXT and not about[-1].quoted:
        about[-1] = replace(about[-1], value=about[-1].value.rstrip("?"))
        if not about[-1].value:
            about.pop()
    said = [word.value.casefold() for word in about]
    for end in sorted(ends, key=len, reverse=True):
        parts = end.split()
        if len(said) > len(parts) and said[-len(parts) :] == parts:
            return tuple(about[: -len(parts)])
    return tuple(about)
