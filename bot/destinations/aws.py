"""AWS Secrets Manager: a version under a name of our own, so that it is made once however often we ask.

A version holds the labels AWSCURRENT and AWSPREVIOUS one after the other, and is not deleted while it has one.
Source: docs.aws.amazon.com/secretsmanager, PutSecretValue and UpdateSecretVersionStage, read 2026-11-24.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from bot.destination_settings import AwsPlace
from bot.destinations.aws_errors import translated
from bot.destinations.fields import Held, holds, merged
from bot.errors import ConfigError, ProtocolChanged, Rejected
from bot.platform.ports import Landing
from bot.text import Secret

CONNECT_S, READ_S = 5, 20
READ_TRIES = 3
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
_NAMES = UUID("5d0f3a52-0c0e-4b4b-9f57-0f0c4c9f4b1e")  # of our versions: drawn once, for ever
_CHATTY = ("boto3", "botocore", "urllib3")  # at debug level they log what is sent, secrets and all


class SecretsManager:
    """One secret in one region. See ``Destination``. Credentials are looked for at first use, as AWS's tools do."""

    def __init__(self, name: str, place: AwsPlace) -> None:
        self.name = name
        self._place = place
        self._opening = threading.Lock()
        self._clients: tuple[Any, Any] | None = None
        try:
            import boto3  # noqa: F401  here only to say early that it is missing
        except ImportError as exc:
            raise ConfigError(
                f'destinations."{name}": kind "aws" needs boto3, which is not installed: it is the extra "aws".'
            ) from exc

    async def landed(self, values: Mapping[str, Secret], key: str) -> Landing | None:
        """As ``Destination``."""
        stages = await self._stages()
        current = _labelled(stages, CURRENT)
        if not current or not holds(await self._held(current), values, self._place.fields):
            return None
        ours = _token(key)
        if ours in stages and ours != current:  # somebody changed another field since
            return Landing(version=ours, before="")
        return Landing(version=current, before=_labelled(stages, PREVIOUS))

    async def write(self, values: Mapping[str, Secret], key: str) -> None:
        """As ``Destination``. What somebody writes between our look and our write is the version before."""
        current = _labelled(await self._stages(), CURRENT)
        held = await self._held(current) if current else {}
        text = json.dumps(merged(held, values, self._place.fields), ensure_ascii=False)
        await self._write(
            "PutSecretValue",
            lambda c: c.put_secret_value(
                SecretId=self._place.secret_id, ClientRequestToken=_token(key), SecretString=text
            ),
        )

    async def returned(self, landing: Landing) -> bool:
        """As ``Destination``."""
        return bool(landing.before) and _labelled(await self._stages(), CURRENT) == landing.before

    async def put_back(self, landing: Landing) -> None:
        """As ``Destination``: one label is moved, from our version or not at all."""
        if not landing.before:
            raise Rejected(
                f"{self.name} has no version before ours that could be current again; look at it by hand.",
                status=400,
                connection=self.name,
            )
        await self._write(
            "UpdateSecretVersionStage",
            lambda c: c.update_secret_version_stage(
                SecretId=self._place.secret_id,
                VersionStage=CURRENT,
                RemoveFromVersionId=landing.version,
                MoveToVersionId=landing.before,
            ),
        )

    async def aclose(self) -> None:
        """Let go of sockets."""
        for client in self._clients or ():
            client.close()

    async def _stages(self) -> Mapping[str, list[str]]:
        """The labels of every version that has one."""
        said = await self._read("DescribeSecret", lambda c: c.describe_secret(SecretId=self._place.secret_id))
        found: Mapping[str, list[str]] = said.get("VersionIdsToStages") or {}
        return found

    async def _held(self, version: str) -> Held:
        said = await self._read(
            "GetSecretValue",
            lambda c: c.get_secret_value(SecretId=self._place.secret_id, VersionId=version),
        )
        try:
            held = json.loads(said.get("SecretString", ""))
        except ValueError:
            held = None
        if not isinstance(held, dict):
            raise ProtocolChanged(
                f"{self.name}: the secret is not a JSON object, so no field of it can be set.",
                connection=self.name,
            )
        return held

    async def _read(self, operation: str, ask: Callable[[Any], Any]) -> dict[str, Any]:
        return await self._ask(operation, ask, wrote=False)

    async def _write(self, operation: str, ask: Callable[[Any], Any]) -> None:
        await self._ask(operation, ask, wrote=True)

    async def _ask(self, operation: str, ask: Callable[[Any], Any], *, wrote: bool) -> dict[str, Any]:
        def asked() -> dict[str, Any]:
            with translated(self.name, operation, wrote=wrote):
                answer: dict[str, Any] = ask(self._opened()[wrote])
                return answer

        return await asyncio.to_thread(asked)

    def _opened(self) -> tuple[Any, Any]:
        """The client for reads, which tries again, and the one for writes, which never does."""
        with self._opening:
            if self._clients is None:
                for name in _CHATTY:
                    logging.getLogger(name).setLevel(logging.WARNING)
                self._clients = self._client(READ_TRIES), self._client(1)
            return self._clients

    def _client(self, attempts: int) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "secretsmanager",
            region_name=self._place.region,
            endpoint_url=self._place.endpoint_url or None,
            config=Config(
                connect_timeout=CONNECT_S,
                read_timeout=READ_S,
                retries={"total_max_attempts": attempts, "mode": "standard"},
            ),
        )


def _token(key: str) -> str:
    """The version's id: the same for ever for one step of one plan."""
    return str(uuid5(_NAMES, key))


def _labelled(stages: Mapping[str, list[str]], label: str) -> str:
    return next((version for version, labels in stages.items() if label in labels), "")
