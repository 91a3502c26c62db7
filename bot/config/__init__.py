"""One frozen ``Settings`` from one TOML file plus the environment, a module for each larger table of the file.

Promises: an unknown or ill-typed key stops the boot and is named; a secret is given directly, as a file, or as
``secret:name``. May import: ``bot.platform.model``, ``bot.chat``, ``bot.text``, ``bot.errors``.
"""

from bot.config.settings import (
    ENV_PREFIX,
    AlertSettings,
    ApprovalRule,
    ApprovalSettings,
    IntegrationSettings,
    InventorySettings,
    KeySettings,
    LogSettings,
    RoleSettings,
    SafetyLimitSettings,
    SandboxSettings,
    Settings,
    SlackSettings,
    load,
    secret_setting,
)

__all__ = [
    "ENV_PREFIX",
    "AlertSettings",
    "ApprovalRule",
    "ApprovalSettings",
    "IntegrationSettings",
    "InventorySettings",
    "KeySettings",
    "LogSettings",
    "RoleSettings",
    "SafetyLimitSettings",
    "SandboxSettings",
    "Settings",
    "SlackSettings",
    "load",
    "secret_setting",
]
