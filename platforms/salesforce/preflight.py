"""Reasons a handover must not run, and what people should know before they approve one. Pure rules over facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.platform.model import PrincipalKind, PrincipalStatus, Tie
from bot.text import plural
from platforms.salesforce.apps import App
from platforms.salesforce.grants import SLOTS
from platforms.salesforce.org import User
from platforms.salesforce.people import ADMINISTRATOR
from platforms.salesforce.permissions import LABELS

_NO_POWER = frozenset({"PermissionsApiUserOnly"})  # a restriction, though it is listed among permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A permission set that admits its holders to the app. ``licence``: the id it is bound to, if any."""

    set_id: str
    label: str
    license: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything the rules look at, read live."""

    holder: User | None
    target: User
    own_id: str
    own_client_id: str
    app: App | None
    app_name: str
    holder_held: frozenset[str] = frozenset()  # permission columns
    target_held: frozenset[str] = frozenset()
    target_grants: int = 0  # approvals of this app by the target
    admitted: bool = False  # the target may already use the app
    admissions: tuple[Admission, ...] = ()  # ways to admit it
    set_licences_free: Mapping[str, int] = field(default_factory=dict)  # PSL id → free
    set_licences_held: frozenset[str] = frozenset()  # PSL ids of the target
    target_licence_id: str = ""
    ties: tuple[Tie, ...] = ()
    holder_is_last_administrator: bool = False
    sees_rights: bool = True

    @property
    def needs_admission(self) -> bool:
        """Whether the target must be admitted before it can approve the app."""
        return not self.admitted and (self.app is None or self.app.self_authorize is not True)

    @property
    def admission(self) -> Admission | None:
        """The permission set to assign: one that the target's licence allows, the first by name."""
        fitting = [a for a in self.admissions if self._allows(a)]
        return min(fitting, key=lambda a: (bool(a.license), a.label)) if fitting else None

    def _allows(self, admission: Admission) -> bool:
        wanted = admission.license
        if not wanted or wanted[:15] == self.target_licence_id[:15]:
            return True
        return wanted in self.set_licences_held or self.set_licences_free.get(wanted, 0) > 0


def about_target(case: Case) -> Iterable[str]:
    """Objections that hold for every kind of handover."""
    target = case.target.principal
    name = target.username
    if case.holder and case.holder.id == case.target.id:
        yield f"{name} holds it already"
    if target.status is PrincipalStatus.INACTIVE:
        yield f"{name} is deactivated: reactivate it first"
    if target.status is PrincipalStatus.FROZEN:
        yield f"{name} is frozen: unfreeze it first"
    if target.status is PrincipalStatus.UNKNOWN:
        yield f"the bot cannot see whether {name} is frozen: it needs “Manage Users”"
    if target.kind is PrincipalKind.PERSON:
        yield (
            f"{name} is a person's account: it has neither an integration license nor API Only."
            " Create one with `salesforce create`"
        )
    if target.kind is PrincipalKind.UNKNOWN:
        yield f"the bot cannot see whether {name} is an integration user: it needs “View Setup and Configuration”"
    if case.own_id in {case.target.id, case.holder.id if case.holder else ""}:
        yield "the bot never hands over what its own user holds, nor to its own user"
    if case.app and case.own_client_id == case.app.consumer_key:
        yield f"{case.app_name} is the app the bot itself signs in with"


def about_grant(case: Case) -> Iterable[str]:
    """Objections to moving an OAuth grant."""
    yield from about_target(case)
    if case.app is None:
        yield (
            f"{case.app_name} is not installed in this org: since September 2025 new users cannot approve"
            " uninstalled apps. Install it in Setup → Connected Apps OAuth Usage"
        )
    if case.target_grants >= SLOTS:
        yield (
            f"{case.target.username} has all {SLOTS} OAuth grants for {case.app_name}: the next one would revoke"
            " the oldest. Revoke an unused one"
        )
    if case.app is not None and case.needs_admission and case.admission is None:
        yield (
            f"{case.app_name} admits approved users only, and no permission set that {case.target.username}"
            " may hold is attached to it. Attach one in the app's policies"
        )


def about_run_as(case: Case) -> Iterable[str]:
    """Objections to changing the run-as user of an app."""
    yield from about_target(case)
    if case.app is None or not case.app.configured:
        yield f"the bot cannot read the configuration of {case.app_name}, so it could not see the change"
    if case.app is not None and case.app.run_as.lower() == case.target.username.lower():
        yield f"{case.app_name} runs as {case.target.username} already"


def notes(case: Case) -> Iterable[str]:
    """What changes for the integration, in words."""
    if not case.sees_rights:
        yield "The bot cannot see rights given by permission sets: compare old and new by hand."
    lost = sorted(LABELS[column] for column in case.holder_held - case.target_held - _NO_POWER)
    gained = sorted(LABELS[column] for column in case.target_held - case.holder_held - _NO_POWER)
    if lost:
        yield f"The integration loses: {', '.join(lost)}."
    if gained:
        yield f"The integration gains: {', '.join(gained)}."
    if not lost and not gained and case.holder:
        yield "The rights that matter most are the same for both accounts."
    yield (
        f"Access to objects and fields can differ: {case.target.username} sees only what its profile and permission"
        " sets give. Check the integration's own objects before you approve."
    )
    if case.target.principal.profile == ADMINISTRATOR:
        yield f"{case.target.username} is a System Administrator: more than an integration should be."
    if case.ties and case.holder:
        shown = "; ".join(f"{tie.kind} {tie.name}" for tie in case.ties[:5])
        more = f" and {len(case.ties) - 5} more" if len(case.ties) > 5 else ""
        yield (
            f"{case.holder.username} also owns {plural(len(case.ties), 'item')} that this plan does not move:"
            f" {shown}{more}."
        )
    if case.holder_is_last_administrator and case.holder:
        yield f"{case.holder.username} is the last active administrator; this plan leaves the account as it is."
    yield "Records that the integration creates from now on belong to the new account."
