"""[destinations."name"]: where new secrets are put for the consumers that read them there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from bot.config.table import Section

_ON_THIS_MACHINE = re.compile(r"^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)")


class _Place(Section):
    fields: dict[str, str] = Field(
        default_factory=dict,
        description='what the consumer calls a secret, as {private_key = "netsuite_key"}; others keep their name',
    )

    @field_validator("fields")
    @classmethod
    def _each_its_own(cls, fields: dict[str, str]) -> dict[str, str]:
        if len(set(fields.values())) != len(fields) or not all(fields.values()):
            raise ValueError("two secrets would share one key, or one would have none")
        return fields


def _safe(url: str) -> str:
    if url.startswith("https://") or _ON_THIS_MACHINE.match(url):
        return url.rstrip("/")
    raise ValueError("must begin with https:// (http is for this machine only)")


class AwsPlace(_Place):
    """AWS Secrets Manager, kind = "aws": one secret, a JSON object. Signs in as AWS's own tools do; needs boto3."""

    kind: Literal["aws"]
    secret_id: str = Field(
        min_length=1, max_length=2048, description="name or ARN of the secret, which must exist"
    )
    region: str = Field(pattern=r"^[a-z0-9-]{2,32}$", description="for example eu-central-1")
    endpoint_url: str = Field("", description="only a private endpoint or a test changes this")

    @field_validator("endpoint_url")
    @classmethod
    def _nobody_listens(cls, url: str) -> str:
        return _safe(url) if url else url


class VaultPlace(_Place):
    """HashiCorp Vault or OpenBao, kind = "vault": one secret of a KV engine, version 2."""

    kind: Literal["vault"]
    url: str = Field(description="Vault's address, for example https://vault.example.com:8200")
    mount: str = Field("secret", pattern=r"^[\w.-]+(/[\w.-]+)*$", description="where the engine is mounted")
    path: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)*$", description="of the secret, below the mount")
    namespace: str = Field("", pattern=r"^[\w./-]*$", description="Vault Enterprise's namespace")
    token: SecretStr = Field(
        SecretStr(""), description="may read and update the path: secret:NAME, or token_file"
    )
    token_file: Path | None = Field(None, description="a file holding token, for example an agent's sink")

    @field_validator("url")
    @classmethod
    def _nobody_listens(cls, url: str) -> str:
        return _safe(url)

    @field_validator("mount", "path")
    @classmethod
    def _stays_below(cls, path: str) -> str:
        if {".", ".."} & set(path.split("/")):
            raise ValueError("must not hold . or .. as a part")
        return path


Place = Annotated[AwsPlace | VaultPlace, Field(discriminator="kind")]


def checked(places: dict[str, Place]) -> dict[str, Place]:
    """The places, with names that can be typed.

    Raises:
        ValueError: a name is none, or means something else already.
    """
    for name in places:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name):
            raise ValueError(f'"{name}" must be small letters, digits and -, at most 32')
        if name == "manual":
            raise ValueError('"manual" is there already: it means a person, by the sealed page')
    return places
