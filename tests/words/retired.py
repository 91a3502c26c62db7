"""Words that Handover does not use any more, in the sense in which it does not use them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_CODE = re.compile(r"`[^`\n]*`")

_RETIRED = {  # what to write instead: the senses to look for
    "expires, expired, expiry date": (
        r"(?:no )?end dates?",
        r"(?:close|closer) to (?:its|their|the) ends?",
        r"step closer",
        r"ends?,? (?:in|within) (?:\d+|one|two|a few|an?) (?:minute|hour|day|week|month|year)s?",
        r"(?:certificate|token|secret|credential|key|grant|password)s?(?: that)?(?: ha[sd]| have)? "
        r"end(?:s|ed|ing)?(?! up| with)",
        r"(?:that|which|what) ends? (?:soon|in|on|within)",
        r"ended (?:credential|token|certificate|account)s?",
        r"^(?:ends|ended):",
    ),
    "revoke; is revoked": (
        r"(?:certificate|token|secret|credential|key|grant|password|pair)s? (?:is|are|was|were|be|been) ended",
        r"end(?:s|ed|ing)? (?:an?|one|the|its|their|every|all)(?: old| former| access)* "
        r"(?:certificate|token|credential|grant|password|pair)s?",
    ),
    "created": (r"^made(?::| \d| on \d)",),
    "last scanned, first found": (r"^seen:", r"(?:last|first) seen"),
    "items, or what they are: accounts, credentials": (r"\d+ things?", r"things? (?:of|in) the inventory"),
    "credentials, accounts": (r"lines? (?:of|in) the inventory", r"inventory lines?"),
    "audit log, entries": (r"(?<!setup audit )(?<!login audit )trails?",),
    "fix": (r"mend(?:s|ed|ing|able)?",),
    "acknowledge; not acknowledged yet": (
        r"\w+ (?<!what )is on it",
        r"(?:be|being|am) on it",
        r"(?:nobody|somebody) is on",
        r"(?:takes?|took|taken|taking) (?:an|the|this|that) alerts?",
    ),
    "escalate, escalation policy, level": (r"climb(?:s|ed|ing)?", r"ladders?", r"rungs?"),
    "usage interval; not used when expected": (r"beats?", r"rhythms?", r"cadences?"),
    "expiry cluster": (r"cliffs?",),
    "not visible, coverage gap": (
        r"blind(?: spots?)?",
        r"(?:(?<=handover )|(?<=bot )|(?<=we )|(?<=it )|^(?:[:,;] )?)(?:cannot|can't) see",
        r"cannot be seen",
    ),
    "unused; unused for 24 hours": (
        r"rest(?:s|ed|ing)",
        r"(?:must|has to|have to) rest",
        r"silent",
        r"silence[sd]?",
    ),
    "undo step": (r"twins?",),
    "action, change": (
        r"deeds?",
        r"(?:an|each|every|one|this|that|no|its|next|last|single|destructive) act",
        r"(?:\d+|two|three|destructive|all|more|its) acts(?! (?:as|on|for|in|like))",
    ),
    "confirmation; waits for you to confirm": (
        r"(?:your|my|their|his|her|\w+body's|someone's|person's|approver's|owner's) word",
        r"words? of (?:an?|the) (?:person|approver|owner|human)",
    ),
    "reassign": (r"notmine",),
    "unsuppress; remove": (r"lift(?:s|ed|ing)?",),
    "revoke first (downtime); overlap (no downtime)": (r"hostile(?:ly)?", r"graceful"),
    "plan secrets": (r"drawers?",),
    "disabled by the identity provider": (r"(?:struck|strikes?|striking) off",),
    "status changed": (
        r"flip(?:s|ped|ping)?",
        r"turned (?:(?:in)?active|true|false|bad|good|red|green|stale|critical|\w+ed)",
    ),
    "safety limit": (r"brakes?",),
    "depends on, uses, owns": (
        r"go(?:es)? with it",
        r"(?:stands?|standing) behind",
        r"answers for",
        r"answer for (?:it|them|this|that)",
    ),
    "no problems found; blockers": (r"speaks? against",),
    "the fact itself": (r"(?:is|are) another matter", r"for ever"),
}
_BRITISH = {
    "license": (r"licence[sd]?",),
    "-ize": (
        r"(?:un|re|pre)?(?:author|organ|recogn|real|minim|maxim|summar|local|normal|initial|synchron|custom|final"
        r"|categor|central|serial|standard|util|priorit|emphas|apolog)is(?:es?|ed|ing|ations?|ers?)",
    ),
    "-yze": (r"analys(?:e|ed|ers?|ing)",),
    "-or": (r"(?:behavi|col|fav|hon|neighb|lab|endeav|rum)our(?:s|ed|ing|able|ites?|al)?",),
    "-er": (r"(?:cent|met|theat|lit)re[sd]?",),
    "one l": (r"(?:cancel|travel|label|model|signal|marshal|total)l(?:ed|ing|ers?)",),
    "-og": (r"(?:cat|an)alogues?",),
    "-ense": (r"(?:def|off|pret)ences?",),
    "the American form": (
        r"programmes?|cheques?|artefacts?|judgement|whilst|amongst|learnt|spelt|sceptical|fulfil|enrol|grey",
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A word that a text should not hold, and what to write."""

    line: int
    word: str
    instead: str

    def __str__(self) -> str:
        return f"line {self.line}: “{self.word}” → {self.instead}"


def _compiled(words: Mapping[str, Sequence[str]]) -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(rf"(?<![\w-])(?:{'|'.join(senses)})(?![\w-])", re.IGNORECASE), instead)
        for instead, senses in words.items()
    ]


_PATTERNS = _compiled(_RETIRED) + _compiled(_BRITISH)


def retired_words(text: str) -> Iterator[Found]:
    """Every retired word and British spelling in a text, in order. What stands in backticks is a name: left out."""
    for number, line in enumerate(_CODE.sub("`x`", text).splitlines(), start=1):
        hits = [(hit.start(), hit[0], said) for pattern, said in _PATTERNS for hit in pattern.finditer(line)]
        yield from (Found(number, word, instead) for _, word, instead in sorted(hits))
