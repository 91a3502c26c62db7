"""The open points, settled one by one on the account we are connected to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.errors import Forbidden, Rejected
from bot.platform.report import Line, Mark, Report, Section
from bot.text import clean
from platforms.netsuite import role_changes, trail
from platforms.netsuite.account_self import me
from platforms.netsuite.applications import INTEGRATIONS
from platforms.netsuite.assertions import form
from platforms.netsuite.capabilities import Answer, Capabilities, Finding, Point
from platforms.netsuite.client import Client
from platforms.netsuite.config import SignIn
from platforms.netsuite.errors import Closed, UnknownColumn
from platforms.netsuite.roles import ADMINISTRATOR
from platforms.netsuite.rows import instant, text
from platforms.netsuite.suiteql import Select, at, day, record_id

Found = tuple[Answer, str]
_HOUR = timedelta(hours=1)


async def probe(client: Client, capabilities: Capabilities, *, write: bool) -> Report:
    """Settle what can be settled; ``write`` also tries writes on our own record that change nothing of worth."""
    found: dict[Point, Finding] = {}
    for point in Point:
        look = _LOOKS.get(point)
        if point in _WRITES:
            look = _WRITES[point] if write else _needs_write
        answer, detail = await _safely(client, look) if look else (Answer.UNKNOWN, _BY_TIME[point])
        found[point] = Finding(answer=answer, detail=detail, at=client.wire.now())
    await capabilities.keep(found)
    settled = sum(f.answer is not Answer.UNKNOWN for f in found.values())
    return Report(
        title="What this account does where no document says it",
        summary=f"{settled} of {len(found)} open points settled and kept with the connection.",
        sections=(Section(heading="Open points", lines=tuple(_line(p, f) for p, f in found.items())),),
    )


def lines(known: dict[Point, Finding]) -> tuple[Line, ...]:
    """Every point with what is known of it."""
    return tuple(
        _line(p, known[p]) if p in known else Line(label=p.value, words="not probed", mark=Mark.UNKNOWN)
        for p in Point
    )


def _line(point: Point, found: Finding) -> Line:
    marks = {Answer.YES: Mark.GOOD, Answer.NO: Mark.PLAIN, Answer.UNKNOWN: Mark.UNKNOWN}
    return Line(label=point.value, words=f"{found.answer.value}: {found.detail}", mark=marks[found.answer])


async def _safely(client: Client, look: Callable[[Client], Awaitable[Found]]) -> Found:
    """A look that fails settles nothing; only our own sign-in failing ends the probe."""
    try:
        return await look(client)
    except Closed as error:
        return Answer.UNKNOWN, clean(error.hint, 200)
    except Forbidden as error:
        return Answer.UNKNOWN, f"the bot's role may not look: {error.scope}"
    except Rejected as error:
        return Answer.UNKNOWN, clean(error.hint, 200)


async def _needs_write(client: Client) -> Found:
    return Answer.UNKNOWN, "needs a write: run again with --write"


async def _integrations(client: Client) -> Found:
    try:
        rows = await client.every("list integrations", INTEGRATIONS)
    except Forbidden:
        return Answer.NO, "integrationapp is not shown to the bot's role"
    return Answer.YES, f"{len(rows)} integration records"


async def _certificates(client: Client) -> Found:
    settings = client.wire.settings
    if settings.sign_in is not SignIn.M2M:
        return Answer.UNKNOWN, "the certificate list needs M2M sign-in"
    rows = await client.certificates(settings.client_id)
    fields = ", ".join(sorted({str(name) for row in rows for name in row}))
    entities = {str(row["entity"]) for row in rows if row.get("entity")}
    own = await me(client)
    others = len(rows) > 1 if not entities else bool(entities - {own.entity})
    if not entities and others:
        return Answer.UNKNOWN, f"{len(rows)} certificates, but none says whose it is; fields: {fields}"
    return Answer.YES if others else Answer.NO, f"{len(rows)} certificates; fields: {fields}"


async def _release_dates(client: Client) -> Found:
    select = Select(columns=(("released", day("t.releasedate")),), table="employee")
    try:
        await client.page("look at employees", select.text(), 0, 1)
    except UnknownColumn:
        return Answer.NO, "no column releasedate"
    return Answer.YES, "column releasedate"


async def _m2m_refusal(client: Client) -> Found:
    settings = client.wire.settings
    if settings.sign_in is not SignIn.M2M:
        return Answer.UNKNOWN, "needs M2M sign-in"
    key = await client.wire.keys.current()
    wrong = form(settings.client_id, "0" * 32, key.private_key, settings.token_url, client.wire.now())
    status, words = await client.wire.refusal_of(wrong)
    told = "error_description" in words
    return (
        Answer.YES if told else Answer.NO,
        f"an unknown certificate is answered {status} {clean(words, 120)}",
    )


async def _licences(client: Client) -> Found:
    own = await me(client)
    if not own.entity:
        return Answer.UNKNOWN, "the bot cannot tell which record is its own"
    record = await client.record("read our own record", "employee", own.entity)
    counts = {
        k: record[k] for k in ("fulluserqty", "fulluserqtymax", "empcenterqty") if record.get(k) is not None
    }
    if not counts:
        return Answer.NO, "the counters are empty"
    return Answer.YES, ", ".join(f"{name} {value}" for name, value in counts.items())


async def _token_info(client: Client) -> Found:
    if client.wire.settings.sign_in is not SignIn.TBA:
        return Answer.UNKNOWN, "needs sign-in by token"
    said = await client.token_info()
    names = ", ".join(sorted(map(str, said))) if isinstance(said, dict) else "no object"
    told = isinstance(said, dict) and any("role" in str(name).lower() for name in said)
    return Answer.YES if told else Answer.NO, f"fields: {clean(names, 160)}"


async def _contexts(client: Client) -> Found:
    text_ = "SELECT t.id AS id, t.name AS name FROM systemNoteContextType t ORDER BY t.id"
    rows = await client.rows("list ways of changes", text_)
    named = ", ".join(f"{text(row, 'id')} {text(row, 'name')}" for row in rows[:12])
    return (Answer.YES, clean(named, 200)) if rows else (Answer.NO, "the table is empty")


async def _trail_age(client: Client) -> Found:
    select = Select(columns=(("at_", at("MIN(t.date)")),), table="LoginAudit")
    rows = await client.rows("find the oldest sign-in", select.text())
    oldest = instant(rows[0], "at_", client.wire.settings.zone) if rows else None
    if oldest is None:
        return Answer.UNKNOWN, "the trail is empty"
    days = (client.wire.now() - oldest).days
    return Answer.YES if days >= trail.WINDOW.days else Answer.NO, f"its oldest row is {days} days old"


async def _own_rows(client: Client) -> list[dict[str, str]]:
    own = await me(client)
    now = client.wire.now()
    if not own.entity:
        return []
    where = trail.concerning(entity=own.entity, status=trail.SUCCESS)
    rows = await trail.rows_since(client, now - timedelta(hours=26), now + timedelta(hours=26), *where)
    return [dict(row) for row in rows]


async def _m2m_calls(client: Client) -> Found:
    if client.wire.settings.sign_in is not SignIn.M2M:
        return Answer.UNKNOWN, "needs M2M sign-in"
    rows = await _own_rows(client)
    paths = {text(row, "uri").partition("?")[0] for row in rows if text(row, "app")}
    if not rows:
        return Answer.UNKNOWN, "no sign-in of the bot is in the trail yet: it lags minutes"
    calls = [path for path in paths if path and "/oauth2/v1/token" not in path]
    return Answer.YES if calls else Answer.NO, f"{len(rows)} rows of the bot in a day"


async def _m2m_token_name(client: Client) -> Found:
    if client.wire.settings.sign_in is not SignIn.M2M:
        return Answer.UNKNOWN, "needs M2M sign-in"
    rows = [row for row in await _own_rows(client) if text(row, "app")]
    if not rows:
        return Answer.UNKNOWN, "no sign-in of the bot is in the trail yet: it lags minutes"
    named = [row for row in rows if text(row, "tok")]
    return (Answer.NO, "some carry one") if named else (Answer.YES, f"none of {len(rows)} rows carries one")


async def _zone(client: Client) -> Found:
    """Our own latest sign-in happened minutes ago: by how many hours its printed time is off tells the zone."""
    rows = await _own_rows(client)
    times = [when for row in rows if (when := instant(row, "at_", client.wire.settings.zone))]
    if not times:
        return Answer.UNKNOWN, "no sign-in of the bot is in the trail yet: it lags minutes"
    off = round((client.wire.now() - max(times)) / _HOUR)
    if off == 0:
        return Answer.YES, f"{client.wire.settings.time_zone} fits"
    return (
        Answer.NO,
        f"dates are {off:+d} hours off: set time_zone to what Home > Set Preferences of the bot's user says",
    )


async def _roles_keyed(client: Client) -> Found:
    """Assign a role that our own user holds already: the list must stay as long as it was."""
    own = await me(client)
    if not own.entity or not own.role or own.role == ADMINISTRATOR:
        return Answer.UNKNOWN, "needs a role of the bot's own that is not Administrator"
    record_id(own.entity)
    before = await role_changes.lines(client, own.entity)
    try:
        await role_changes.send(client, own.entity, [own.role])
    except Rejected as refused:
        return Answer.NO, f"a second line is refused: {clean(refused.hint, 160)}"
    after = await role_changes.lines(client, own.entity)
    if len(after) == len(before):
        return Answer.YES, f"{len(before)} lines before and after"
    await role_changes.send(client, own.entity, before, replace=True)
    return Answer.NO, "a second line appeared; it was taken away again"


_LOOKS: dict[Point, Callable[[Client], Awaitable[Found]]] = {
    Point.INTEGRATIONS: _integrations,
    Point.CERTIFICATES_OF_OTHERS: _certificates,
    Point.RELEASE_DATE: _release_dates,
    Point.M2M_REFUSAL: _m2m_refusal,
    Point.LICENCE_COUNTERS: _licences,
    Point.TOKEN_INFO: _token_info,
    Point.CONTEXTS: _contexts,
    Point.TRAIL_AGE: _trail_age,
    Point.M2M_CALLS_LOGGED: _m2m_calls,
    Point.TOKEN_NAME_OF_M2M: _m2m_token_name,
    Point.TIME_ZONE: _zone,
}
_WRITES = {Point.ROLES_KEYED: _roles_keyed}
# What a probe cannot bring about without harm: it is seen when it happens, or tried by hand.
_BY_TIME = {
    Point.LIMIT_ANSWER: "seen only when the limit is reached; the bot never tries to",
    Point.ACCESS_STOPS_TOKENS: "try by hand with a user of your own: clear Give Access and use its token",
    Point.NEW_TOKEN_AFTER_2027: "can be tried from 2027.1 on",
    Point.LONG_CERTIFICATES: "the bot makes none of more than 730 days",
}
