"""Binds the names in a query to columns of the schema, through parent relationships."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.access import hidden, sight
from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.lex import invalid_field, pointing
from sandbox.salesforce.soql.tree import Path
from sandbox.salesforce.tables import Row

_HINT = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True, slots=True)
class Column:
    """A bound name: the reference columns to walk, then the column itself. `relations` spells the walk."""

    relations: tuple[str, ...]
    references: tuple[Field, ...]
    column: Field

    @property
    def label(self) -> str:
        """The name an aggregate result gives to a grouped column."""
        return self.column.name


@dataclass(frozen=True, slots=True)
class Extra:
    """A column that only one resource offers, computed from the row (Profile.Metadata in the Tooling API)."""

    name: str
    compute: Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: an object, the caller's permissions, the endpoint."""

    org: Org
    kind: SObject
    held: frozenset[str]
    text: str
    alias: str | None = None
    extras: dict[str, Extra] = field(default_factory=dict)

    def resolve(self, path: Path) -> Column:
        """
        The column a name stands for.

        Raises:
            ApiError: INVALID_FIELD for an unknown relationship, an unknown column, or one kept from the caller.
        """
        names = path.names
        if len(names) > 1 and names[0].lower() in {(self.alias or "").lower(), self.kind.name.lower()}:
            names = names[1:]
        kinds: tuple[SObject, ...] = (self.kind,)
        references, relations = list[Field](), list[str]()
        for name in names[:-1]:
            offered = (kind.by_relationship.get(name.lower()) for kind in kinds)
            reference = next((column for column in offered if column is not None), None)
            seen = self._targets(reference) if reference is not None else ()
            if reference is None or not seen:
                raise invalid_field(
                    self.text,
                    path.at,
                    f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom"
                    f" relationship, be sure to append the '__r' after the custom relationship name. {_HINT}",
                )
            references.append(reference)
            relations.append(reference.relationship or name)
            kinds = seen
        for kind in kinds:
            column = kind.by_name.get(names[-1].lower())
            if column is not None and not hidden(kind.name, column.name, self.held):
                return Column(tuple(relations), tuple(references), column)
        raise invalid_field(
            self.text,
            path.at,
            f"No such column '{names[-1]}' on entity '{kinds[0].name}'. If you are attempting to use a custom"
            f" field, be sure to append the '__c' after the custom field name. {_HINT}",
        )

    def _targets(self, reference: Field) -> tuple[SObject, ...]:
        found = (catalogue().get(name.lower()) for name in reference.refers_to)
        return tuple(kind for kind in found if kind is not None and sight(kind.name, self.held) != "none")


def source(org: Org, name: str, held: frozenset[str], text: str, at: int, *, tooling: bool) -> SObject:
    """
    The object type a query selects from.

    Raises:
        ApiError: INVALID_TYPE when it does not exist here or the caller may not see it.
    """
    kind = catalogue().get(name.lower())
    offered = kind is not None and kind.tooling in (("only", "both") if tooling else ("no", "both"))
    if kind is not None and offered:
        hidden = sight(kind.name, held) == "none" and org.switches.missing_permission == "invalid_type"
        if not hidden:
            return kind
    raise ApiError(
        400,
        "INVALID_TYPE",
        pointing(
            text,
            at,
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to"
            f" append the '__c' after the entity name. {_HINT}",
        ),
    )


def getter(org: Org, column: Column) -> Callable[[Row], Any]:
    """A function from a row to the column's value; null where a parent is missing."""
    name, references = column.column.name, column.references
    if not references:
        return lambda row: row[name]
    if len(references) == 1:
        key, find = references[0].name, finder(org, references[0])

        def parent_value(row: Row) -> Any:
            parent = find(row[key])
            return None if parent is None else parent.get(name)

        return parent_value
    steps = [(reference.name, finder(org, reference)) for reference in references]

    def ancestor_value(row: Row) -> Any:
        at = row
        for key, find in steps:
            parent = find(at[key])
            if parent is None:
                return None
            at = parent
        return at.get(name)

    return ancestor_value


def finder(org: Org, reference: Field) -> Callable[[Any], Row | None]:
    """A function from an Id to the parent row, in whichever of the types it may have."""
    tables = [org[name] for name in reference.refers_to if name.lower() in catalogue()]
    if len(tables) == 1:
        return tables[0].get

    def first(record_id: Any) -> Row | None:
        return next((row for table in tables if (row := table.get(record_id)) is not None), None)

    return first


def folding_key(org: Org, column: Column) -> Callable[[Row], Any]:
    """The column's value as comparisons and sorting see it: text without case."""
    get = getter(org, column)
    if column.column.kind not in {"string", "email", "picklist"}:
        return get

    def folded(row: Row) -> Any:
        value = get(row)
        return value.casefold() if isinstance(value, str) else value

    return folded
