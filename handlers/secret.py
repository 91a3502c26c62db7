"""The way to a plan's secrets: a one-time link to the sealed page, or what to type on the command line."""

from __future__ import annotations

from bot.chat.model import Bullets, Code, Data, Link, Note, Para, Part, Reply, Role, Strong
from bot.dispatch import Ask, button, command
from bot.errors import BadArgument
from bot.platform import secret_steps
from bot.platform.plan import Step
from bot.requests.model import ChangeRequest
from bot.secrets.sealed_links import Minted, Purpose
from bot.text import clean


@command(
    "secret",
    usage="secret <request>",
    role=Role.OPERATOR,
    examples=("secret 7K2QXM",),
)
async def secret(ask: Ask) -> Reply:
    """Enter the secrets a plan waits for, or see those it made, on a page that only you can open."""
    if not ask.words:
        raise BadArgument("Say which request, for example `secret 7K2QXM`. `requests` lists them.")
    return await _way(ask, ask.words[0].value)


@button("secret.open", role=Role.OPERATOR)
async def press_open(ask: Ask) -> Reply:
    """The Open Sealed Page button."""
    return await _way(ask, ask.request.value.partition(".")[0])


async def _way(ask: Ask, ref: str) -> Reply:
    request = await ask.services.approvals.get(ref)
    if ask.services.settings.web.public_url:
        return _link(await ask.services.links.mint(request, ask.caller))
    return _typed(request, await ask.services.links.waiting_for(request, ask.caller))


def _link(minted: Minted) -> Reply:
    entering = minted.purpose is Purpose.ENTER
    what = "enter what the platform showed you" if entering else "see the new values, once"
    return Reply(
        summary=f"Your sealed page for request {minted.request.ref} is ready.",
        parts=(
            Para((Data(clean(minted.request.plan.title, 140), strong=True),)),
            Para(
                (
                    Link(minted.url, "Open the sealed page"),
                    f" to {what}. Your code there: ",
                    Code(minted.code),
                )
            ),
            Note(
                ("Works once, within ten minutes, and only with this code. Nobody else sees this message.",)
            ),
        ),
    )


def _typed(request: ChangeRequest, step: Step) -> Reply:
    """No public page: the same on the command line of the machine that the bot runs on."""
    entering = secret_steps.entered(step)
    deed = "put" if entering else "get"
    lines = tuple(
        (Code(f"python -m bot secret {deed} --request {request.ref} {name}"),)
        for name in secret_steps.names_of(step.action)
    )
    head = (
        "Each asks for its value, without showing it:"
        if entering
        else "Each shows its value, on a terminal only:"
    )
    parts: tuple[Part, ...] = (
        Para((Data(clean(request.plan.title, 140), strong=True),)),
        Para(("There is no sealed page here. On the machine where Handover runs, type: ",)),
        Bullets(lines),
        Para((head.removesuffix(":") + ". ", Strong("Never send a secret through Slack."))),
    )
    return Reply(summary=f"How to handle the secrets of request {request.ref}.", parts=parts)
