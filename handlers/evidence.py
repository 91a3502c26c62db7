"""What an auditor could be given about one request."""

from __future__ import annotations

from bot.chat.model import Bullets, Code, Data, Fields, Heading, Mention, Note, Para, Reply, Role, Typed
from bot.dispatch import Context, command
from bot.errors import BadArgument
from bot.requests.messages import ENDINGS
from bot.text import clean, plural


@command(
    "evidence",
    usage="evidence <request>",
    role=Role.APPROVER,
    examples=("evidence 7K2QXM",),
)
async def evidence(context: Context) -> Reply:
    """What is on record about a request, and how to get it as a signed pack for auditors."""
    if not context.words:
        raise BadArgument("Say which request, for example `evidence 7K2QXM`. `requests all` lists them.")
    found = await context.services.evidence.summary(context.text, context.caller.user_id)
    request = found.request
    title = clean(request.plan.title, 140)
    decisions = tuple(
        ("Approved by " if decision.approved else "Denied by ", Mention(decision.approver))
        for decision in request.decisions
    )
    receipts = f"{len(request.receipts)} of {plural(len(request.plan.steps), 'step')}"
    return Reply(
        summary=f"Evidence of request {request.ref}: {ENDINGS[request.state]}",
        parts=(
            Heading("Evidence"),
            Para((Data(title, strong=True),)),
            Fields(
                (
                    ("State", (ENDINGS[request.state],)),
                    ("Receipts", (receipts,)),
                    ("Plan", (Code(request.digest),)),
                    ("Audit log head", (f"entry {found.head}, ", Code(found.head_hash))),
                    ("Signing key", (Code(found.fingerprint),)),
                )
            ),
            *((Bullets(decisions),) if decisions else (Para(("Nobody has decided.",)),)),
            Para(
                (
                    "Whoever runs Handover gets the files with ",
                    Code(f"python -m bot evidence {request.ref} --zip"),
                    "; auditors check them with ",
                    Code("deploy/verify_evidence.py"),
                    " and the signing key's fingerprint above.",
                )
            ),
            Note((f"request {request.ref} · ", Typed(f"audit {request.ref}"))),
        ),
    )
