"""How NetSuite Connector stands: its record, its token's user, their roles, its sign-ins, and what would break it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.errors import Forbidden
from bot.platform.model import PrincipalStatus
from bot.platform.report import Line, Mark, Report, Section
from bot.text import plural
from platforms.netsuite import notes, trail
from platforms.netsuite.roles import ADMINISTRATOR, Roles
from platforms.netsuite.scene import Employee, Scene
from platforms.netsuite.tokens import Token

_ORDERS = timedelta(days=7)
_QUIET = timedelta(days=2)


async def report(scene: Scene, params: Mapping[str, str]) -> Report:
    """The whole view; what cannot be seen is said, line by line."""
    name = scene.settings.connector_application
    roles = await scene.roles()
    record, state = await _record(scene, name)
    every = [token for token in await scene.tokens() if token.app == name]
    alive = [token for token in every if token.alive]
    users = {token.entity: found for token in alive if (found := await scene.employee(token.entity))}
    trouble = [*_state_trouble(state, alive, every)]
    for token in alive:
        trouble += _user_trouble(scene, token, users.get(token.entity), roles)
    signed, quiet = await _sign_ins(scene, name)
    trouble += quiet
    return Report(
        title=name,
        summary=f"{plural(len(trouble), 'thing')} would break it, or already {'does' if len(trouble) == 1 else 'do'}."
        if trouble
        else "Nothing speaks against it.",
        sections=(
            Section(heading="Integration record", lines=(record,)),
            Section(
                heading="Token and its user",
                lines=tuple(
                    line for token in alive for line in _token(scene, token, users.get(token.entity), roles)
                ),
                note="" if alive else "No live token.",
            ),
            Section(heading="Sign-ins", lines=tuple(signed)),
            Section(heading="Set By on the newest transactions", lines=tuple(await _orders(scene))),
            Section(
                heading="What would break it",
                lines=tuple(Line(label=one, mark=Mark.BAD) for one in trouble),
                note="" if trouble else "Nothing that the bot can see.",
            ),
        ),
    )


async def _record(scene: Scene, name: str) -> tuple[Line, str]:
    try:
        found = await scene.application(name=name)
    except Forbidden as error:
        return Line(label="Record", words=error.hint, mark=Mark.UNKNOWN), ""
    if found is None:
        hint = "not there: reinstall its SuiteApp (Setup > Integration > Manage Integrations, Show Inactives)"
        return Line(label="Record", words=hint, mark=Mark.BAD), "missing"
    good = found.state.lower() == "enabled"
    return Line(
        label=found.name, words=f"state {found.state}", mark=Mark.GOOD if good else Mark.BAD
    ), found.state


def _state_trouble(state: str, alive: list[Token], every: list[Token]) -> Iterator[str]:
    if state and state.lower() != "enabled":
        yield f"The integration record is {state}: Setup > Integration > Manage Integrations > the record > Enabled."
    if not alive:
        yield f"It has no live token ({plural(len(every), 'token')} revoked or inactive)."
    if len(alive) > 1:
        yield f"It has {len(alive)} live tokens: which one it uses shows only in its sign-ins."


def _user_trouble(scene: Scene, token: Token, user: Employee | None, roles: Roles) -> Iterator[str]:
    if user is None:
        yield f"The user of token “{token.name}” cannot be seen."
        return
    who = user.username
    if user.principal.status is PrincipalStatus.INACTIVE:
        yield f"{who} is inactive: its token signs nobody in."
    elif not user.active:
        yield f"{who} has no access (Give Access is not ticked)."
    if user.principal.ends_at:
        past = user.principal.ends_at <= scene.client.wire.now()
        yield f"{who} {'left' if past else 'leaves'} on {user.principal.ends_at:%Y-%m-%d}."
    if roles.of_entity is None:
        yield f"The roles of {who} cannot be seen."
        return
    held = roles.held(user.id)
    if ADMINISTRATOR not in held:
        yield f"{who} lacks the Administrator role, which Oracle asks of the Connector's token user."
    if token.role not in held:
        yield f"{who} lost the role {roles.name(token.role)} that its token is for."
    if roles.by_id is not None and roles.name(token.role) != scene.settings.connector_role:
        yield f"Its token is for the role {roles.name(token.role)}, not {scene.settings.connector_role}."


def _token(scene: Scene, token: Token, user: Employee | None, roles: Roles) -> Iterator[Line]:
    who = user.username if user else token.person or f"entity {token.entity}"
    yield Line(label=f"Token “{token.name}”", words=f"of {who}, role {roles.name(token.role)}")
    if user is None:
        return
    ends = f", ends {user.principal.ends_at:%Y-%m-%d}" if user.principal.ends_at else ""
    yield Line(
        label=who,
        words=f"{user.principal.status.value}{ends}; roles: {', '.join(user.principal.roles) or 'none seen'}",
        mark=Mark.GOOD if user.active and not ends else Mark.BAD,
    )
    role = (roles.by_id or {}).get(token.role)
    if role is not None:
        option = role.subsidiaries or "not shown"
        yield Line(
            label="Cross-subsidiary viewing",
            words=f"subsidiary option {option}; the box itself is in Setup > Users/Roles > Manage Roles > {role.name}",
            mark=Mark.UNKNOWN,
        )


async def _sign_ins(scene: Scene, name: str) -> tuple[list[Line], list[str]]:
    try:
        uses = await scene.uses(application=name)
    except Forbidden as error:
        return [Line(label="Sign-ins", words=error.hint, mark=Mark.UNKNOWN)], []
    lines, trouble = [], []
    for used, use in sorted(uses.items()):
        person = await scene.employee(used.entity) if used.entity.isdecimal() else None
        who = person.username if person else f"entity {used.entity}"
        last = (
            f"last success {use.last_success:%Y-%m-%d %H:%M} UTC" if use.last_success else "never succeeded"
        )
        failed = (
            f", {use.failures} refused, last {use.last_failure:%Y-%m-%d %H:%M} UTC"
            if use.last_failure
            else ""
        )
        lines.append(Line(label=f"{who} “{used.token}”", words=last + failed))
    total = trail.merged(uses.values())
    if total.last_success is None:
        trouble.append("It has not signed in within 90 days.")
    elif total.last_failure and total.last_failure > total.last_success:
        trouble.append(f"Its latest sign-in was refused ({total.last_failure:%Y-%m-%d %H:%M} UTC).")
    elif scene.client.wire.now() - total.last_success > _QUIET:
        trouble.append(f"It was last seen at {total.last_success:%Y-%m-%d %H:%M} UTC.")
    return lines, trouble


async def _orders(scene: Scene) -> list[Line]:
    try:
        found = await notes.newest_orders(scene.client, scene.client.wire.now() - _ORDERS, 10)
    except Forbidden as error:
        return [Line(label="System Notes", words=error.hint, mark=Mark.UNKNOWN)]
    lines = []
    for entity in dict.fromkeys(note.entity for note in found):  # newest first
        person = await scene.employee(entity) if entity.isdecimal() else None
        theirs = [note for note in found if note.entity == entity]
        last = f"the last is transaction {theirs[0].record}, {theirs[0].at:%Y-%m-%d %H:%M} UTC"
        label = person.username if person else f"entity {entity}"
        lines.append(Line(label=label, words=f"{len(theirs)} of {len(found)}; {last}"))
    return lines or [Line(label="None in the last 7 days", words="or none that the bot may see")]
