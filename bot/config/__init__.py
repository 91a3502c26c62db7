"""The settings: one module a table of the file. An unknown or ill-typed key stops the boot, named with its line."""

from bot.config.alerts import AlertSettings
from bot.config.approval import ApprovalRule, ApprovalSettings, RoleSettings, SafetyLimitSettings
from bot.config.destinations import AwsPlace, Place, VaultPlace
from bot.config.file import load
from bot.config.inventory import IntegrationSettings, InventorySettings, PolicySettings
from bot.config.settings import KeySettings, LogSettings, SandboxSettings, Settings
from bot.config.table import ENV_PREFIX, secret_setting
from bot.config.web import SLACK_EVENTS, SlackSettings, WebSettings

__all__ = [
    "ENV_PREFIX",
    "SLACK_EVENTS",
    "AlertSettings",
    "ApprovalRule",
    "ApprovalSettings",
    "AwsPlace",
    "IntegrationSettings",
    "InventorySettings",
    "KeySettings",
    "LogSettings",
    "Place",
    "PolicySettings",
    "RoleSettings",
    "SafetyLimitSettings",
    "SandboxSettings",
    "Settings",
    "SlackSettings",
    "VaultPlace",
    "WebSettings",
    "load",
    "secret_setting",
]  # fmt: skip
