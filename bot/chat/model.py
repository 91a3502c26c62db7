"""What is said between people and the bot, with no chat system in sight.

Everything that came from outside travels as ``Data`` and is shown letter for letter; only our own words are
plain ``str``. No mark-up language is involved, so nothing in a name can ping, link or format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do. Each includes those before it."""

    NONE = "none"  # may ask who they are
    VIEWER = "viewer"  # may look
    OPERATOR = "operator"  # may request changes and own things
    APPROVER = "approver"  # may decide other people's requests
    ADMIN = "admin"  # may also scan by hand and set owners

    def covers(self, other: Role) -> bool:
        """Whether this role may do what ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Data:
    """Text from outside: a name, an e-mail, a reason. Shown as is, never parsed."""

    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Strong:
    """Our own words, emphasised."""

    value: str


@dataclass(frozen=True, slots=True)
class Code:
    """Something to type or an identifier, in fixed width."""

    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Words to type after the bot's own command, whatever that is called here."""

    words: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A member of the workspace, by id."""

    user_id: str


@dataclass(frozen=True, slots=True)
class When:
    """An instant, shown in the reader's own zone. ``style``: date, time (date and time) or ago."""

    at: datetime
    style: str = "date"


@dataclass(frozen=True, slots=True)
class Link:
    """A page of our own, to be opened. Never an address from outside."""

    url: str = field(repr=False)  # may be a one-time link
    text: str = ""


Span = str | Data | Strong | Code | Typed | Mention | When | Link


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of its own; no end punctuation."""

    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, one line each; ``numbered`` where the order matters."""

    items: tuple[tuple[Span, ...], ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with their values."""

    pairs: tuple[tuple[str, tuple[Span, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """At most five columns and a hundred rows; the first row of cells is not the header, ``header`` is."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[Span, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar for each label, at most twenty, as high as how many of ``unit`` there are. The numbers stand in words too.

    Labels differ, and are at most twenty characters long.
    """

    title: str
    unit: str
    bars: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: why you see this, and the typed twin of the buttons."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines to be copied letter for letter, such as a certificate: public, at most 3,000 characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Divider:
    """A rule between parts."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """A question before a button acts."""

    title: str
    text: str
    yes: str
    no: str = "Keep"


@dataclass(frozen=True, slots=True)
class Button:
    """``action`` names the handler, ``value`` is an opaque id (with a revision), never a name or a secret."""

    label: str
    action: str
    value: str = ""
    style: str = ""  # "", "primary" or "danger"
    confirm: Confirm | None = None
    hint: str = ""  # what a screen reader says where the label is bare


@dataclass(frozen=True, slots=True)
class Buttons:
    """One row; at most three in a message."""

    items: tuple[Button, ...]


Part = Heading | Para | Bullets | Fields | Table | Chart | Note | Verbatim | Divider | Buttons


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    label: str
    value: str
    why: str = ""  # small print under the label


class InputKind(StrEnum):
    """How a form asks."""

    LINE = "line"  # one line of text
    TEXT = "text"  # several lines
    CODE = "code"  # a one-time code: one line, never shown again once it was sent
    PERSON = "person"  # a member of the workspace
    CHOICE = "choice"  # one of up to a hundred options
    SEARCH = "search"  # one of many, searched while typing; ``action`` names the search
    DATE = "date"  # a day
    SEARCH_MANY = "search_many"  # some of many, as SEARCH; the answer has commas between them


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A question of a form. ``name`` is the key of its answer and of its error."""

    name: str
    label: str
    kind: InputKind = InputKind.LINE
    hint: str = ""
    placeholder: str = ""
    initial: str = ""
    optional: bool = False
    options: tuple[Option, ...] = ()
    max_length: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A modal: at most six questions. ``name`` names the handler; ``state`` holds opaque ids only."""

    name: str
    title: str  # at most 24 characters
    submit: str = ""  # empty: nothing to send, only to read
    state: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a handler answers. ``summary``: the point and the deed, one line readable on a lock screen."""

    summary: str
    parts: tuple[Part, ...] = ()
    public: bool = False
    replace: bool = False  # take the place of the message whose button was pressed
    form: Form | None = None
    errors: Mapping[str, str] = field(default_factory=dict)  # by input name: the form stays open


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, from the signed payload. ``role`` is filled by the dispatcher."""

    user_id: str
    team_id: str = ""
    role: Role = Role.NONE


class Trigger(StrEnum):
    """How a request reached us."""

    COMMAND = "command"  # typed
    BUTTON = "button"  # pressed
    SUBMIT = "submit"  # a form was sent
    HOME = "home"  # the Home tab was opened
    SEARCH = "search"  # a form's search field was typed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing somebody asked of the bot."""

    trigger: Trigger
    caller: Caller
    name: str = ""  # action or form name; empty for commands
    text: str = (
        ""  # typed after the command or into a search field; of a message shortcut, what the message says
    )
    value: str = ""  # a button's value
    channel: str = ""
    message_ts: str = ""
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)  # a one-time code may be among them
    state: Mapping[str, str] = field(default_factory=dict)
