"""The steps that give a flow a new token, and end the old one: the same in every recipe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.platform import secret_steps
from bot.platform.plan import Action, Step, StepMode, Twin
from platforms.wrike.declared import Flow, FlowKind
from platforms.wrike.token_actions import NEW, OLD

NO_LAST_USE = (
    "Wrike shows nobody when a token was last used: before the old one ends, the new one works for one full"
    " beat."
)
APP_CONSOLE = "the picture → Apps & Integrations → API"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the steps are about. ``contact`` is empty where an earlier step finds the account."""

    kind: FlowKind
    account: str  # id of the Wrike account
    contact: str
    label: str  # e-mail address of the account that is to hold the new token
    consumer: str
    destination: str
    rest_s: int
    audited: bool  # the audit log is open to us
    flow: Flow | None = None
    holder_id: str = ""
    holder_label: str = ""

    @property
    def to(self) -> dict[str, str]:
        """Whom the steps are about, as parameters."""
        who = {"contact": self.contact} if self.contact else {}
        return who | {"label": self.label, "account": self.account}

    @property
    def whom(self) -> str:
        """Who uses the credential, in words."""
        return self.consumer or (self.flow.name if self.flow else "the integration")


def renew(case: Case) -> Iterable[Step]:
    """Make the new one as the account, prove whose it is, and give it to whoever uses it."""
    if case.kind is FlowKind.OAUTH:
        yield _consent(case)
        return
    yield replace(
        secret_steps.receive(
            (NEW,),
            title=f"Make a permanent token as {case.label}, and enter it on the sealed page",
            instructions=(
                f"Open a private browser window and sign in to Wrike as {case.label}. Your own session must not be in"
                " it.",
                f"{APP_CONSOLE} → Create new app (name it after {case.whom}) → Permanent access token → Obtain token.",
                "Wrike shows the token once. Copy it straight onto the sealed page, never into Slack.",
            ),
        ),
        twin=_ended(case),
    )
    yield Step(
        key="prove",
        mode=StepMode.GUIDED,
        title=f"See that the new token acts as {case.label}",
        action=Action(verb="prove-token", subject="", params=case.to, uses=(NEW,)),
        instructions=("Nothing to do, unless the bot says that it is another's.",),
        evidence="the record that Wrike shows for contacts?me=true with that token",
    )
    yield secret_steps.deliver((NEW,), destination=case.destination, consumer=case.whom)


def _ended(case: Case) -> Twin:
    """The new token ends as well: a token that is only forgotten would live on, known to nobody."""
    return Twin(
        mode=StepMode.GUIDED,
        title=f"Revoke the new token of {case.label}",
        action=Action(verb="new-token-dead", subject="", uses=(NEW,)),
        instructions=(
            f"As the user who made it: {APP_CONSOLE} → the app made for {case.whom} → Permanent access token → Revoke.",
        ),
        evidence="Wrike refuses the new token with 401 at every data centre",
    )


def _consent(case: Case) -> Step:
    """No token passes our hands: the integration holds it. The audit log shows the consent, where it is open to us."""
    return Step(
        key="consent",
        mode=StepMode.GUIDED if case.audited else StepMode.ATTESTED,
        title=f"Connect {case.whom} to Wrike again, as {case.label}",
        action=Action(verb="consent", subject="", params=case.to),
        instructions=(
            f"Open a private browser window and sign in to Wrike as {case.label}. Signed in as yourself, you would"
            " connect it as yourself.",
            f"In the same window open {case.whom}'s Wrike connection and connect it again. In Wrike Integrate:"
            " Connections → the Wrike connection → Link your account.",
            f"On Wrike's page look at the name on top: it must be {case.label}. Press Accept.",
        ),
        evidence="Oauth2AccessGranted of that account in the audit log"
        if case.audited
        else "the word of whoever did it: the audit log is not open to the bot",
        undo=f"connect {case.whom} as {case.holder_label or 'the account before'} again",
    )


def noted(case: Case) -> Iterable[Step]:
    """Note in the bot's register that the flow acts as its new account."""
    if case.flow is None:
        return
    name, old = case.flow.name, case.flow.account
    yield Step(
        key="note",
        mode=StepMode.AUTO,
        title=f"Note that {name} acts as {case.label} from now on",
        action=Action(verb="move-flow", subject="", params={"flow": name, "to": case.label}),
        evidence="the bot's own register; change `account` in the configuration when you next touch it",
        twin=Twin(
            mode=StepMode.AUTO,
            title=f"Note that {name} acts as {old} again",
            action=Action(verb="move-flow", subject="", params={"flow": name, "to": old}),
            evidence="the bot's own register",
        ),
    )


def rest(case: Case) -> Iterable[Step]:
    """Let it work for one full beat while the old one can still be gone back to."""
    uses = (NEW,) if case.kind is FlowKind.PERMANENT_TOKEN else ()
    yield Step(
        key="rest",
        mode=StepMode.WATCH,
        title=f"Let {case.whom} work as {case.label} for one full beat",
        action=Action(verb="rest", subject="", params={"window_s": str(case.rest_s)}, uses=uses),
        evidence="the time has passed and the new token still answers; Wrike shows nobody the use of a token",
    )


def retire(case: Case, *, first: bool = False) -> Iterable[Step]:
    """End the old one for good, and prove it by trying it."""
    if case.flow is None:
        return
    if case.kind is FlowKind.OAUTH:
        yield _end_consent(case)
        return
    uses: tuple[str, ...] = ()
    if case.flow.secret is None:
        uses = (OLD,)
        yield replace(
            secret_steps.receive(
                (OLD,),
                title=f"Enter the old token of {case.flow.name} on the sealed page, so that its end can be proven",
                instructions=(
                    f"Copy it from where {case.whom} keeps it. It is tried once Wrike was told to end it.",
                ),
            ),
            key="receive-old",
        )
        whose = {"flow": case.flow.name, "holder": case.holder_id, "label": case.holder_label}
        yield Step(
            key="prove-old",
            mode=StepMode.GUIDED,
            title=f"See that it is the old token of {case.flow.name}",
            action=Action(verb="old-token-alive", subject="", params=whose, uses=uses),
            instructions=("Nothing to do, unless the bot says that it is another one.",),
            evidence="the record that Wrike shows for contacts?me=true with that token",
        )
    yield Step(
        key="retire",
        mode=StepMode.GUIDED,
        title=f"Revoke the old token of {case.holder_label}",
        action=Action(verb="token-dead", subject="", params={"flow": case.flow.name}, uses=uses),
        instructions=(
            f"As {case.holder_label}: {APP_CONSOLE} → the app of {case.flow.name} → Permanent access token → Revoke."
            + (f" {case.flow.name} stops now." if first else ""),
            "If nobody can sign in as that user, an administrator deletes the app, or the user.",
        ),
        evidence="Wrike refuses the old token with 401 at every data centre",
        destructive=True,
    )


def _end_consent(case: Case) -> Step:
    audited = case.audited and case.holder_id
    return Step(
        key="retire",
        mode=StepMode.GUIDED if audited else StepMode.ATTESTED,
        title=f"Take back the consent of {case.holder_label}",
        action=Action(verb="consent-ended", subject="", params={"holder": case.holder_id}),
        instructions=(
            f"As {case.holder_label}: the picture → Apps & Integrations → the application of {case.whom} → Remove"
            " access.",
        ),
        evidence="Oauth2AccessRevoked of that account in the audit log"
        if audited
        else "the word of whoever did it: the audit log is not open to the bot",
        destructive=True,
    )
