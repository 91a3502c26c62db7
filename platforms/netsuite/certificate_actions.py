"""Target states of certificates: mapped, proven, ours to sign in with, revoked."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import AuthFailed, Conflict, NotSupported
from bot.platform.plan import Action, Confirmation, Outcome
from bot.text import Secret
from platforms.netsuite import certificates
from platforms.netsuite.account_actions import said
from platforms.netsuite.certificates import PREFIX, Certificate
from platforms.netsuite.own_key import OwnKey
from platforms.netsuite.scene import Scene

Held = Mapping[str, Secret]


async def uploaded(scene: Scene, action: Action, key: str) -> Confirmation:
    """Whether our new certificate is mapped: the one whose id the upload answered, else the only one that is new."""
    listed = await _listed(scene)
    before = set(action.params["before"].split(","))
    kept = await scene.memory.recall(_made(key))
    fresh = [one for one in listed.values() if one.id not in before]
    if kept and kept.reveal() in listed:
        found = listed[kept.reveal()]
    elif len(fresh) == 1:
        found = fresh[0]
    elif not fresh:
        return said(False, f"{len(listed)} certificates, none of them new")
    else:
        detail = (
            f"{len(fresh)} certificates are new, and NetSuite does not say which is ours: {certificates.MENU}"
        )
        return Confirmation(outcome=Outcome.UNKNOWN, detail=detail)
    ends = found.ends.date().isoformat()
    return said(
        True,
        f"mapped as {found.id}, valid until {ends}",
        PREFIX + found.id,
        certificate_id=found.id,
        ends=ends,
    )


async def upload(scene: Scene, action: Action, key: str) -> None:
    """Map the certificate that an earlier step made to our own entity and role."""
    listed = await _listed(scene)
    if sum(one.active(scene.client.wire.now()) for one in listed.values()) >= certificates.SLOTS:
        raise Conflict(
            f"all {certificates.SLOTS} slots for certificates are taken; revoke one that nothing uses first"
        )
    made = await scene.client.upload(
        scene.settings.client_id,
        action.known["certificate"],
        role=action.params["role"],
        entity=action.params["entity"],
    )
    if made:
        await scene.memory.keep(_made(key), Secret(made))


async def proven(scene: Scene, action: Action, held: Held) -> Confirmation:
    """Whether the new key signs in. Its secrets never leave this function."""
    try:
        client_id = held["client_id"].reveal() if "client_id" in held else action.params["client_id"]
        id_ = held["certificate_id"].reveal() if "certificate_id" in held else action.known["certificate_id"]
        key = OwnKey(id_.strip(), held["private_key"])
    except KeyError as missing:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=f"{missing.args[0]} is not there yet")
    try:
        who = await scene.client.wire.prove(key, client_id.strip())
    except AuthFailed as refused:
        return said(False, refused.hint)
    wanted = action.params.get("entity", "")
    if who.entity and wanted and who.entity != wanted:
        return said(
            False, f"it signs in as entity {who.entity}, not as {wanted}: the mapping names somebody else"
        )
    return said(True, "the new key signs in", PREFIX + key.certificate_id)


async def adopted(scene: Scene, action: Action) -> Confirmation:
    """Whether the bot signs in with the new key."""
    current = (await scene.client.wire.keys.current()).certificate_id
    return said(
        current == action.known.get("certificate_id"),
        f"signs in with certificate {current}",
        PREFIX + current,
    )


async def adopt(scene: Scene, action: Action, held: Held) -> None:
    """Sign in with the new key from now on."""
    await scene.client.wire.adopt(OwnKey(action.known["certificate_id"], held["private_key"]))


async def stepped_back(scene: Scene, action: Action) -> Confirmation:
    """Whether the bot signs in with the key it had before."""
    current = (await scene.client.wire.keys.current()).certificate_id
    return said(
        current == action.params["certificate"], f"signs in with certificate {current}", PREFIX + current
    )


async def step_back(scene: Scene, action: Action) -> None:
    """Sign in with the key before."""
    await scene.client.wire.step_back()


async def gone(scene: Scene, action: Action) -> Confirmation:
    """Whether a certificate of ours is revoked."""
    found = (await _listed(scene)).get(_subject(action))
    if found is None:
        return Confirmation(
            outcome=Outcome.UNKNOWN, detail="the certificate is not among those the bot may see"
        )
    word = "revoked" if found.ended_by_hand else f"valid until {found.ends:%Y-%m-%d}"
    return said(found.ended_by_hand, f"certificate {found.id} is {word}", PREFIX + found.id)


async def revoke(scene: Scene, action: Action) -> None:
    """End a certificate of ours, never the one the bot signs in with."""
    if _subject(action) == (await scene.client.wire.keys.current()).certificate_id:
        raise Conflict("the bot signs in with this certificate; it is not revoked while it does")
    if not scene.settings.client_id:
        raise NotSupported("certificates are revoked by API only with M2M sign-in", operation="revoke")
    await scene.client.revoke_certificate(scene.settings.client_id, _subject(action))


def _subject(action: Action) -> str:
    return action.subject.removeprefix(PREFIX) or action.known.get("certificate_id", "")


async def _listed(scene: Scene) -> dict[str, Certificate]:
    found = await certificates.listed(scene.client, scene.settings.client_id)
    return {one.id: one for one in found}


def _made(key: str) -> str:
    return f"made.{key}"
