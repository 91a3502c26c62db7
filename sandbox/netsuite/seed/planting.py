"""Everything the account holds when it starts, and what the bot needs to sign in."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.netsuite.account import Account
from sandbox.netsuite.seed import applications, history, people
from sandbox.netsuite.seed.estate import estate_of
from sandbox.world import Json


def plant(account: Account) -> Json:
    """
    Fill the account. Gives the bot's part of the ready line, without its address.

    Keys that the estate does not hold for want of a bot are empty texts.
    """
    estate = estate_of(account.world.company)
    people.plant(account, estate)
    applications.plant(account, estate)
    history.plant(account, estate)
    hello: Json = dict.fromkeys(
        (
            "consumer_key",
            "consumer_secret",
            "token_id",
            "token_secret",
            "client_id",
            "certificate_id",
            "private_key",
        ),
        "",
    )
    bots = account["employee"].where(email=estate.get("bot"))
    for token in account["oauthtoken"].where(entity_name=bots[0]["id"]) if bots else []:
        app = account["integrationapp"].where(id=token["tba_app_name"])[0]
        hello |= {
            "consumer_key": app["_consumer_key"],
            "consumer_secret": app["_consumer_secret"],
            "token_id": token["_token_id"],
            "token_secret": token["_secret"],
        }
    for mapping in account.mappings.values():
        if bots and mapping.entity == bots[0]["id"]:
            key = ec.generate_private_key(ec.SECP256R1())
            mapping.key = key.public_key()
            hello |= {
                "client_id": account["integrationapp"].where(id=mapping.integration)[0]["_client_id"],
                "certificate_id": mapping.certificate_id,
                "private_key": _pem(key),
            }
    return {"account": account.id} | hello


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
