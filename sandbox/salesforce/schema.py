"""What an object type is: fields with their rights, and the reader of the catalogue's notation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `kind` is the API's data type; `refers_to` is empty unless the kind is reference."""

    name: str
    kind: str
    length: int = 0
    createable: bool = False
    updateable: bool = False
    required: bool = False
    filterable: bool = True
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None

    @property
    def nillable(self) -> bool:
        """Claims that a row may hold null here."""
        return not self.required and self.kind not in {"id", "boolean"}


@dataclass(frozen=True)
class SObject:
    """
    One object type. `verbs` holds the calls it supports: c create, u update, d delete, q query, r retrieve.

    `tooling` is where it can be queried: "no" (data API), "only" (Tooling API) or "both".
    """

    name: str
    prefix: str
    verbs: str
    tooling: str
    fields: tuple[Field, ...] = field(repr=False)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Columns by lower-case name, because SOQL does not mind case."""
        return {column.name.lower(): column for column in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        """Reference columns by the lower-case name of their relationship."""
        return {c.relationship.lower(): c for c in self.fields if c.relationship}

    def required(self) -> tuple[str, ...]:
        """Columns without which a row cannot be created, in the catalogue's order."""
        return tuple(column.name for column in self.fields if column.required)


def parse(text: str, permissions: tuple[str, ...]) -> dict[str, SObject]:
    """
    Object types by lower-case name, read from the catalogue's notation.

    A line at the margin opens an object: `Name prefix verbs [tooling]`. An indented line is a column:
    `Name kind[(length)] [flags] [-> Type[,Type] [Relationship]]` with the flags c createable, u updateable,
    ! required on create, x not filterable. `...permissions` adds one boolean column per permission.
    """
    found: dict[str, SObject] = {}
    for head, lines in _blocks(text):
        columns: list[Field] = []
        for line in lines:
            if line == "...permissions":
                columns += [Field(f"Permissions{name}", "boolean", 0, True, True) for name in permissions]
            else:
                columns.append(_column(line))
        name, prefix, verbs, *tooling = head.split()
        found[name.lower()] = SObject(name, prefix, verbs, tooling[0] if tooling else "no", tuple(columns))
    return found


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    head, lines = "", list[str]()
    for line in text.splitlines():
        if not line.strip():
            continue
        if line[0] != " ":
            if head:
                yield head, lines
            head, lines = line, []
        else:
            lines.append(line.strip())
    yield head, lines


def _column(line: str) -> Field:
    left, _, right = line.partition("->")
    name, kind, *flags = left.split()
    kind, _, length = kind.rstrip(")").partition("(")
    marks = "".join(flags)
    types, _, relationship = right.strip().partition(" ")
    return Field(
        name,
        kind,
        int(length or 0),
        createable="c" in marks,
        updateable="u" in marks,
        required="!" in marks,
        filterable="x" not in marks,
        refers_to=tuple(types.split(",")) if types else (),
        relationship=relationship.strip() or None,
    )
