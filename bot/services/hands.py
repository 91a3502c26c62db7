"""Whose verbs carry an action out: the platform's, with the secrets it needs, or our own vault's."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.plan import Action, Confirmation, Hands, Outcome
from bot.domain.records import ChangeRequest
from bot.errors import NotSupported, PlatformError, UserError
from bot.ports import Platform, UsesSecrets
from bot.services.vault import Vault


class Doer:
    """Looks and acts for the steps of requests; the promises are those of ``bot.ports.Platform``."""

    def __init__(self, platforms: Mapping[str, Platform], vault: Vault) -> None:
        self._platforms = platforms
        self._vault = vault

    async def confirm(self, request: ChangeRequest, action: Action, key: str) -> Confirmation:
        """Whether the target state holds, by reading only. Never raises for "could not look": ``UNKNOWN``."""
        platform = self._platforms.get(request.plan.connection)
        try:
            if action.hands is Hands.VAULT:
                return await self._vault.confirm(request, action, key)
            if platform is None:
                return _unseen(f"{request.plan.connection} is not configured any more")
            if not action.uses:
                return await platform.confirm(action, key)
            secrets = await self._vault.secrets_for(request, action.uses)
            return await _with_secrets(platform).confirm_with(action, key, secrets)
        except (PlatformError, UserError) as exc:
            return _unseen(exc.hint)

    async def apply(self, request: ChangeRequest, action: Action, key: str) -> None:
        """Bring the target state about. Raises as ``Platform.apply``."""
        if action.hands is Hands.VAULT:
            await self._vault.apply(request, action, key)
            return
        platform = self._platforms[request.plan.connection]
        if not action.uses:
            await platform.apply(action, key)
            return
        secrets = await self._vault.secrets_for(request, action.uses)
        await _with_secrets(platform).apply_with(action, key, secrets)


def _with_secrets(platform: Platform) -> UsesSecrets:
    if isinstance(platform, UsesSecrets):
        return platform
    raise NotSupported(f"{platform.platform} takes no secrets with its verbs", operation="use a secret")


def _unseen(why: str) -> Confirmation:
    return Confirmation(outcome=Outcome.UNKNOWN, detail=why)
