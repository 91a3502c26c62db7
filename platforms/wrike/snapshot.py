"""One complete listing of an account: everything the bot may see, every part it may not see named."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.errors import BadArgument, Forbidden, NotFound, PlatformError
from bot.platform.model import (
    Application,
    Area,
    Content,
    Credential,
    CredentialKind,
    CredentialStatus,
    Gap,
    Principal,
    Snapshot,
    Tie,
)
from bot.text import clean, fold
from bot.together import group
from platforms.wrike import account, audit, folders, invitations, people
from platforms.wrike.client import Client
from platforms.wrike.declared import Flow, FlowKind, Register
from platforms.wrike.gaps import (
    NO_ACTIVE_FILTER,
    UNDECLARED,
    closed,
    content_unseen,
    invitations_unseen,
    life_unseen,
    webhooks_unseen,
)
from platforms.wrike.people import Directory
from platforms.wrike.probe import Life, Probe, probe
from platforms.wrike.rows import Row, needed, text
from platforms.wrike.wire import Call

FIRST_LOOK = timedelta(days=1)  # how far back the audit log is read when there was no scan before
CONSENTS_SINCE = timedelta(days=180)  # how far back a consent is looked for
KINDS = {
    FlowKind.PERMANENT_TOKEN: CredentialKind.PERMANENT_TOKEN,
    FlowKind.OAUTH: CredentialKind.OAUTH_GRANT,
}

T = TypeVar("T")
Events = tuple[audit.Event, ...]
Invited = tuple[invitations.Invitation, ...]
_Listed = tuple[
    Directory,
    Invited | Forbidden,
    folders.Tree,
    tuple[Events, Events] | Forbidden,
    list[Row],
    account.Account,
]


@dataclass(slots=True)
class _Seen:
    """What a listing has brought so far, and the gaps as they are found."""

    directory: Directory
    flows: tuple[Flow, ...]
    services: frozenset[str]
    gaps: list[Gap] = field(default_factory=list)
    principals: dict[str, Principal] = field(default_factory=dict)

    def whose(self, flow: Flow) -> str:
        """The native id of the account a flow acts as: a contact, an invitation, or "" where there is neither."""
        for contact in self.directory.by_email(flow.account):
            return contact.id
        wanted = fold(flow.account)
        return next((p.native_id for p in self.principals.values() if fold(p.email) == wanted), "")


async def take(
    client: Client, register: Register, reasons: Mapping[str, str], since: datetime | None
) -> tuple[Snapshot, folders.Tree]:
    """
    Everything the bot may see, and the tree of folders it was seen in.

    A part that is closed to the bot is a gap; any other failure fails the whole. About ten requests, one for each
    hundred folders, and up to three for each flow with a secret.

    Raises:
        AuthFailed, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded.
    """
    now = client.wire.now()
    directory, invited, tree, log, hooks, bought = await _listed(client, since or now - FIRST_LOOK, now)
    seen = _Seen(directory, await register.known_flows(), await register.known_accounts(), [UNDECLARED])
    if not directory.tells_active:
        seen.gaps.append(NO_ACTIVE_FILTER)
    seen.principals = {
        one.id: people.principal(one, seen.services, reasons)
        for one in directory.contacts.values()
        if one.type != people.GROUP
    }
    _add_invited(seen, invited)
    if isinstance(log, Forbidden):
        for area, what in ((Area.CHANGES, "changes by administrators"), (Area.LOGINS, "sign-ins")):
            seen.gaps.append(closed(area, what, log, audit.RIGHT))
    recent, consents = ((), ()) if isinstance(log, Forbidden) else log
    probes = {flow.id: await probe(client, flow.secret) for flow in seen.flows if flow.secret}
    ties = await _webhooks(client, seen, hooks, probes)
    held = [_credential(seen, flow, probes.get(flow.id), consents) for flow in seen.flows]
    contents = tuple(_contents(seen, tree, held))  # finds gaps, so before they are counted
    holders = [credential.principal_id for credential in held]
    taken = Snapshot(
        connection=client.connection,
        taken_at=now,
        principals=tuple(seen.principals.values()),
        applications=tuple(_application(flow) for flow in seen.flows),
        credentials=tuple(held),
        ties=tuple(ties),
        logins=audit.logins(recent, holders),
        changes=audit.changes(recent),
        capacities=account.capacities(bought, seen.directory, _pending(seen)),
        gaps=tuple(seen.gaps),
        requests=client.meter.requests,
        contents=contents,
    )
    return taken, tree


async def _listed(client: Client, since: datetime, now: datetime) -> _Listed:
    """What needs nothing else, side by side: the pace decides, so nobody waits for anybody."""

    async def shared() -> folders.Tree:
        return await folders.with_shares(client, await folders.tree(client))

    async def hooks() -> list[Row]:
        return await client.listing("list webhooks", "/webhooks")

    async with group() as tasks:
        directory = tasks.create_task(people.directory(client))
        tree = tasks.create_task(shared())
        invited = tasks.create_task(_allowed(invitations.listed(client)))
        log = tasks.create_task(_allowed(_log(client, since, now)))
        webhooks = tasks.create_task(hooks())
        bought = tasks.create_task(account.read(client))
    return (
        directory.result(),
        invited.result(),
        tree.result(),
        log.result(),
        webhooks.result(),
        bought.result(),
    )


async def _allowed(work: Coroutine[Any, Any, T]) -> T | Forbidden:
    """What came, or why it may not be seen."""
    try:
        return await work
    except Forbidden as error:
        return error


async def _log(client: Client, since: datetime, now: datetime) -> tuple[Events, Events]:
    """The log since the last scan, and the consents of half a year, which flows are compared with."""
    recent = await audit.events(client, since)
    return recent, await audit.events(client, now - CONSENTS_SINCE, (audit.GRANTED, audit.REVOKED))


def _add_invited(seen: _Seen, found: Invited | Forbidden) -> None:
    """Pending invitations of addresses that have no account yet."""
    if isinstance(found, Forbidden):
        seen.gaps.append(invitations_unseen(found))
        return
    for email in sorted({fold(one.email) for one in found}):
        one = invitations.latest(found, email)
        if one and one.status == invitations.PENDING and not _there(seen.directory, email):
            seen.principals[one.id] = invitations.principal(one, seen.services)


def _there(directory: Directory, email: str) -> bool:
    return any(not one.deleted for one in directory.by_email(email))


async def _webhooks(
    client: Client, seen: _Seen, ours: Iterable[Row], probes: Mapping[str, Probe]
) -> list[Tie]:
    """Webhooks go with the user whose token made them and are shown to nobody else: ours, and those of known tokens."""
    found = [_tie(row, seen.directory.own_id) for row in ours]
    for flow in seen.flows:
        answer = probes.get(flow.id)
        if flow.secret is None or answer is None or answer.life is not Life.ALIVE:
            continue
        call = Call(operation=f"list webhooks of {clean(flow.name, 40)}", path="/webhooks")
        try:
            body = await client.wire.as_token(call, flow.secret, answer.base, client.meter)
        except PlatformError as error:
            seen.gaps.append(webhooks_unseen(flow.name, error.hint))
            continue
        found += [_tie(row, answer.contact_id) for row in body["data"]]
    unseen = [flow.name for flow in seen.flows if probes.get(flow.id, _UNASKED).life is not Life.ALIVE]
    if unseen:
        seen.gaps.append(webhooks_unseen(", ".join(clean(name, 40) for name in unseen[:5])))
    return list({one.native_id: one for one in found}.values())


_UNASKED = Probe(life=Life.UNDETERMINED, detail="")


def _tie(row: Row, principal_id: str) -> Tie:
    return Tie(
        native_id=needed(row, "id"),
        principal_id=principal_id,
        kind="webhook",
        name=clean(text(row, "hookUrl"), 120),
        detail=text(row, "status"),
    )


def _application(flow: Flow) -> Application:
    return Application(native_id=flow.id, name=flow.name, kind=flow.system)


def _credential(seen: _Seen, flow: Flow, answer: Probe | None, consents: Iterable[audit.Event]) -> Credential:
    """
    A declared flow as a credential. It counts as alive until its token was refused everywhere.

    ``created_at`` is when the audit log shows that its account said yes to an application, where that was seen.
    """
    owner = seen.whose(flow)
    status = CredentialStatus.ACTIVE
    if answer and answer.life is Life.DEAD:
        status = CredentialStatus.REVOKED
    if answer and answer.life is Life.UNDETERMINED:
        seen.gaps.append(life_unseen(flow.name, answer.detail))
    last = next((one for one in consents if one.user_id == owner), None) if owner else None
    granted = last.at if last and last.operation == audit.GRANTED and flow.kind is FlowKind.OAUTH else None
    return Credential(
        native_id=flow.id,
        kind=KINDS[flow.kind],
        label=flow.name,
        principal_id=answer.contact_id if answer and answer.contact_id else owner,
        application_id=flow.id,
        status=status,
        created_at=granted,
        role=flow.account,
    )


def _contents(seen: _Seen, tree: folders.Tree, held: Iterable[Credential]) -> Iterable[Content]:
    """What flows need, and which of their accounts have been let in."""
    actors = {credential.native_id: credential.principal_id for credential in held}
    needs: dict[str, list[str]] = {}
    for flow in seen.flows:
        for name in flow.folders:
            try:
                needs.setdefault(tree.named(name).id, []).append(flow.id)
            except NotFound:
                seen.gaps.append(
                    content_unseen(name, flow.name, "nothing of that name is shared with the bot's own user")
                )
            except BadArgument as error:
                seen.gaps.append(content_unseen(name, flow.name, error.hint))
    for folder_id, flows in needs.items():
        accounts = {actors[flow] for flow in flows if actors[flow]}
        let_in = [one for one in accounts if _sees(seen.directory, tree, one, folder_id)]
        yield replace(
            tree.content(tree.folders[folder_id]), needed_by=tuple(flows), seen_by=tuple(sorted(let_in))
        )


def _sees(directory: Directory, tree: folders.Tree, account_id: str, folder_id: str) -> bool:
    contact = directory.contacts.get(account_id)
    regular = contact is not None and contact.regular
    return tree.sees(directory.circles(account_id), folder_id, regular=regular)


def _pending(seen: _Seen) -> int:
    return sum(one.profile == people.INVITED for one in seen.principals.values())
