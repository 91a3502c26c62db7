"""A platform's deliberate change as people ask for it: one line typed, or a form with the same questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.chat.grammar import Flag, FlagKind, Parsed
from bot.chat.model import Form, Input, InputKind, Para, Reply, Role
from bot.dispatch import Ask, Handler, command
from bot.errors import BadArgument, BotError, PlatformError, UserError
from bot.requests.messages import asked_card
from bot.requests.model import ChangeRequest

REASON = Input(
    name="reason", label="Why", kind=InputKind.TEXT, hint="At least 10 characters.", max_length=500
)


async def as_typed(ask: Ask, params: Mapping[str, str]) -> Mapping[str, str]:
    """What people type is what the platform is told."""
    return params


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """One verb of ``Platform.change``. The first of ``fields`` is typed without a flag."""

    platform: str
    verb: str
    title: str
    explained: str
    example: str
    fields: tuple[Input, ...]
    about: str = ""  # the field that an error is about where it names none; empty: the first
    account: str = ""  # the field with the account, where an error speaks of a user
    told: Callable[[Ask, Mapping[str, str]], Awaitable[Mapping[str, str]]] = as_typed

    def command(self, handler: Handler) -> Handler:
        """Make ``handler`` the command of this change: its flags, usage, example and when its form opens."""
        first, *others = self.fields
        needed = [f.name for f in others if not f.optional]

        def opens(parsed: Parsed) -> str | None:
            complete = parsed.args and all(name in parsed.flags for name in ("reason", *needed))
            return None if complete else self.title

        shown = "".join(f" --{name} …" for name in needed)
        typed = f"{self.platform} {self.verb}"
        decorate = command(
            typed,
            usage=f'{typed} <{first.name}>{shown} --reason "…"',
            role=Role.OPERATOR,
            flags={
                **{f.name: _flag(f) for f in others},
                "reason": Flag(help="why; approvers read it"),
                "connection": Flag(help="which one, where there are several"),
            },
            examples=(f"{typed} {self.example}",),
            opens=opens,
        )
        return decorate(handler)

    async def asked(self, ask: Ask) -> Reply:
        """Ask for the change when everything is there, else open its form with what is; errors stay in the form."""
        if ask.request.answers:
            answers = {name: value for name, value in ask.request.answers.items() if value}
            reason = answers.pop("reason", "")
            try:
                return asked_card(await self._request(ask, ask.request.state["connection"], answers, reason))
            except (UserError, PlatformError) as exc:  # what was typed stays: it may work in a minute
                return Reply(summary=exc.hint, errors={self._field_of(exc): exc.hint})
        connection = ask.connection(self.platform)
        params = {f.name: ask.flags[f.name] for f in self.fields if f.name in ask.flags}
        if ask.words:
            params[self.fields[0].name] = ask.text
        if {f.name for f in self.fields if not f.optional} <= set(params) and "reason" in ask.flags:
            return asked_card(await self._request(ask, connection, params, ask.flags["reason"]))
        return self._form(connection, {**params, "reason": ask.flags.get("reason", "")})

    async def _request(
        self, ask: Ask, connection: str, params: Mapping[str, str], reason: str
    ) -> ChangeRequest:
        told = await self.told(ask, params)
        draft = await ask.services.platforms[connection].change(self.verb, told)
        return await ask.services.approvals.open(draft, ask.caller, reason, {"verb": self.verb, **told})

    def _field_of(self, exc: BotError) -> str:
        """The field an error is about: the one it names, else what the verb is about."""
        named = exc.hint.partition(":")[0]
        if named in {f.name for f in self.fields}:
            return named
        if isinstance(exc, BadArgument) and "reason" in exc.hint.casefold():
            return "reason"
        if self.account and (not isinstance(exc, BadArgument) or " user" in exc.hint):
            return self.account
        return self.about or self.fields[0].name

    def _form(self, connection: str, given: Mapping[str, str]) -> Reply:
        asked = Form(
            name=f"{self.platform}.{self.verb}",
            title=self.title,
            submit="Ask for Approval",
            state={"connection": connection},
            parts=(Para((self.explained,)),),
            inputs=tuple(replace(f, initial=given.get(f.name) or f.initial) for f in (*self.fields, REASON)),
        )
        return Reply(summary=self.title, form=asked)


def _flag(asked: Input) -> Flag:
    """The typed twin of a question of the form."""
    kind = FlagKind.CHOICE if asked.options else FlagKind.TEXT
    return Flag(kind, tuple(option.value for option in asked.options), asked.hint or asked.label)
