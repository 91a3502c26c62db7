"""One frozen Settings from one TOML file plus the environment. An unknown or ill-typed key stops the boot."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.chat.quiet_hours import QuietHours
from bot.config.destinations import Place, checked
from bot.config.policies import PolicySettings
from bot.config.web import SLACK_EVENTS, WebSettings
from bot.errors import ConfigError
from bot.text import Secret

ENV_PREFIX = "HANDOVER_"
_SECRET_REFERENCE = "secret:"  # noqa: S105  a prefix, not a secret


class Section(BaseModel):
    """A table of the file: frozen, and strict about what it knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackSettings(Section):
    """[slack]: the workspace. A token: ``secret:NAME`` (see ``secret put``), a file, or environment."""

    bot_token: SecretStr = Field(SecretStr(""), description="xoxb-… of the installed app")
    bot_token_file: Path | None = Field(None, description="a file holding bot_token")
    app_token: SecretStr = Field(SecretStr(""), description="xapp-… with connections:write, for Socket Mode")
    app_token_file: Path | None = Field(None, description="a file holding app_token")
    mode: Literal["socket", "http"] = Field(
        "socket",
        description="how Slack reaches us: Socket Mode, or requests to web.public_url + /slack/events",
    )
    signing_secret: SecretStr = Field(SecretStr(""), description='Slack signs with it where mode is "http"')
    signing_secret_file: Path | None = Field(None, description="a file holding signing_secret")
    api_url: str = Field("https://slack.com/api/", description="only a sandbox changes this")
    alert_channel: str = Field(description="id of the channel for alerts and approvals, C…")
    command: str = Field("/svc", pattern=r"^/[a-z0-9_-]{1,31}$", description="the slash command's name")

    @field_validator("api_url")
    @classmethod
    def _real_tokens_stay_at_slack(cls, url: str) -> str:
        if re.match(
            r"^(https://([a-z0-9-]+\.)?slack\.com/api/|http://(127\.0\.0\.1|localhost)(:\d+)?/)", url
        ):
            return url if url.endswith("/") else url + "/"
        raise ValueError("must be https://slack.com/api/ or a sandbox on this machine")


class RoleSettings(Section):
    """[roles]: Slack user group ids (S…), member ids (U…), or "*" for every full member."""

    admin: tuple[str, ...] = Field((), description="may do everything below, scan by hand and set owners")
    approver: tuple[str, ...] = Field((), description="may decide other people's requests")
    operator: tuple[str, ...] = Field((), description="may ask for handovers and changes")
    viewer: tuple[str, ...] = Field(("*",), description="may look")


Named = Annotated[str, Field(pattern=r"^(admin|approver|operator|S[A-Z0-9]+|[UW][A-Z0-9]+)$")]


class ApprovalRule(Section):
    """[[approval.rules]]: what some plans need instead. The first rule that fits a plan is its rule."""

    connection: str = Field("*", description="for which connections, for example salesforce:*")
    kind: Literal["*", "handover", "rotation", "change"] = Field("*", description="for which plans")
    verb: str = Field("*", description="for which action: handover, or a change such as freeze")
    criticality: Literal["*", "low", "normal", "high"] = Field("*", description="as [[integrations]] says")
    destructive: bool | None = Field(None, description="only where a step ends something alive, or only not")
    requesters: tuple[Named, ...] = Field(
        ("operator",), min_length=1, description="roles, groups (S…), members (U…); an operator in any case"
    )
    approvers: tuple[Named, ...] = Field(
        ("approver",), min_length=1, description="roles, groups (S…), members (U…) who decide"
    )
    needed: int = Field(1, ge=1, le=5, description="approvals a request needs")
    step_up: bool = Field(False, description="a yes takes a code of the approver's authenticator app")
    fallback: tuple[Named, ...] = Field(
        ("admin",), description="who decides too once approvers have left and too few are there"
    )


class ApprovalSettings(Section):
    """[approval]: how requests are decided. What no rule fits takes ``needed`` and ``needed_destructive``."""

    needed: int = Field(1, ge=1, le=5, description="approvals a request needs")
    needed_destructive: int = Field(1, ge=1, le=5, description="approvals where a step ends something alive")
    step_up: bool = Field(False, description="a yes takes a code of the approver's authenticator app")
    fallback: tuple[Named, ...] = Field(
        ("admin",), description="who decides too once approvers have left and too few are there"
    )
    expires_h: float = Field(24, gt=0, le=24 * 14, description="hours until an unanswered request is a no")
    watch_every_s: float = Field(60, ge=1, description="how often waiting steps look for their evidence")
    rules: tuple[ApprovalRule, ...] = Field((), description="tables of their own; the first that fits holds")


class AlertSettings(Section):
    """[alerts]: when to speak."""

    expiry_days: tuple[int, ...] = Field((60, 30, 14, 7, 3, 1, 0), description="days before the expiry date")
    unused_days: int = Field(
        90, ge=1, description="days after which an unused credential is worth a question"
    )
    escalate_after_h: tuple[float, float, float, float] = Field(
        (0.25, 4.0, 8.0, 24.0),
        description="hours until an urgent alert that nobody takes goes to owner, backup, channel, approvers; "
        "six times as long for what is for this week",
    )
    quiet_from: time = Field(time(20), description="nobody gets direct messages from here, in their own zone")
    quiet_to: time = Field(time(8), description="to here; the same time twice means never quiet")
    urgent_any_time: bool = Field(True, description="urgent alerts reach owners in quiet hours too")
    digest_at: time = Field(
        time(9),
        description="when each person's daily digest comes, in their own zone, and the team's on Mondays",
    )
    timezone: str = Field("UTC", description="of the team's weekly digest, for example Europe/Berlin")

    @field_validator("escalate_after_h")
    @classmethod
    def _each_later(cls, hours: tuple[float, ...]) -> tuple[float, ...]:
        if list(hours) != sorted(hours) or hours[0] < 0:
            raise ValueError("each must be later than the one before")
        return hours

    @field_validator("timezone")
    @classmethod
    def _a_zone_there_is(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("no zone is called that; take one such as Europe/Berlin")
        return name

    @property
    def quiet_hours(self) -> QuietHours:
        """The same as a rule."""
        return QuietHours(start=self.quiet_from, end=self.quiet_to)


class InventorySettings(Section):
    """[inventory]: what counts as an integration."""

    everyday_apps: tuple[str, ...] = Field(
        ("Salesforce for iOS", "Salesforce for Android"),
        description="apps people use themselves: their grants are listed with --all, and never alarm anybody",
    )


class IntegrationSettings(Section):
    """[[integrations]]: what the business knows of an application. The first that fits an application holds."""

    application: str = Field(min_length=1, description="its name on the platform; * stands for anything")
    connection: str = Field("*", description="for which connections, for example salesforce:*")
    criticality: Literal["low", "normal", "high"] = Field(
        "normal", description="approval rules can ask for it"
    )
    consumer: str = Field("", description="who holds the credential, for example Shopify connector")
    destination: str = Field(
        "manual", description='where new secrets go: a name of [destinations], or "manual"'
    )


class SafetyLimitSettings(Section):
    """[safety_limit]: how much may be revoked, and how much of a listing may vanish, before a person must look."""

    changes_per_day: int = Field(
        3, ge=1, description="destructive changes per connection in 24 hours, at most"
    )
    share: float = Field(0.10, gt=0, le=1, description="and at most this share of its credentials")
    listing_share: float = Field(0.20, gt=0, le=1, description="a listing that loses more is a broken source")


class KeySettings(Section):
    """[keys]: where the key that wraps the data keys comes from."""

    source: Literal["file", "env"] = Field("file", description="file (made by init) or environment")
    file: Path | None = Field(None, description="default: handover.key in the data directory")
    env: str = Field("HANDOVER_KEY", description="name of the variable holding 32 bytes in base64")


class SandboxSettings(Section):
    """[sandbox]: present only while pointed at the local stand-ins."""

    world_url: str = Field(
        pattern=r"^http://(127\.0\.0\.1|localhost):\d+/", description="whose clock to follow"
    )


class LogSettings(Section):
    """[log]: what goes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity written")
    json_lines: bool = Field(False, description="one JSON object per line, for collectors")


Connection = Annotated[dict[str, Any], Field(description="see the platform's README for its keys")]


class Settings(BaseSettings):
    """Everything the bot is told from outside."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENV_PREFIX, env_nested_delimiter="__"
    )

    data_dir: Path = Field(Path("var"), description="where the inventory and the engine keep their files")
    database_url: str = Field("", description="default: SQLite in data_dir; or postgresql+psycopg://…")
    slack: SlackSettings
    roles: RoleSettings = RoleSettings()
    approval: ApprovalSettings = ApprovalSettings()
    alerts: AlertSettings = AlertSettings()
    inventory: InventorySettings = InventorySettings()
    integrations: tuple[IntegrationSettings, ...] = Field((), description="tables of their own")
    policies: PolicySettings = PolicySettings()
    safety_limit: SafetyLimitSettings = SafetyLimitSettings()
    keys: KeySettings = KeySettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    sandbox: SandboxSettings | None = None
    connections: dict[str, Connection] = Field(default_factory=dict)
    destinations: dict[str, Place] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings  # the environment wins over the file

    @field_validator("connections")
    @classmethod
    def _named_after_their_platform(cls, connections: dict[str, Connection]) -> dict[str, Connection]:
        for name, table in connections.items():
            if not re.fullmatch(r"[a-z]+:[a-z0-9-]{1,32}", name):
                raise ValueError(f'"{name}" must read platform:name, for example "salesforce:prod"')
            if table.get("platform", name.partition(":")[0]) != name.partition(":")[0]:
                raise ValueError(f'"{name}" and its platform = "{table["platform"]}" disagree')
        return connections

    @field_validator("destinations")
    @classmethod
    def _named_for_typing(cls, destinations: dict[str, Place]) -> dict[str, Place]:
        return checked(destinations)

    @model_validator(mode="after")
    def _destinations_are_there(self) -> Settings:
        for known in self.integrations:
            if known.destination not in ("manual", *self.destinations):
                raise ValueError(
                    f'integrations: no destinations."{known.destination}" for {known.application}'
                )
        return self

    @model_validator(mode="after")
    def _slack_finds_us(self) -> Settings:
        if self.slack.mode == "http" and not self.web.public_url:
            raise ValueError(
                'slack.mode = "http" needs web.public_url and web.listen: that is where Slack sends to'
            )
        return self

    @property
    def slack_address(self) -> str:
        """Where Slack sends to; "" in Socket Mode."""
        return self.web.public_url + SLACK_EVENTS if self.slack.mode == "http" else ""

    @property
    def key_file(self) -> Path:
        """Where the key source keeps its key."""
        return self.keys.file or self.data_dir / "handover.key"

    @property
    def store_url(self) -> str:
        """The inventory's database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'inventory.db'}"

    @property
    def alone(self) -> bool:
        """Whether no other process can have this database: the engine holds the directory of an SQLite one."""
        return self.engine_url.startswith("sqlite")

    @property
    def engine_url(self) -> str:
        """The engine's database: its own SQLite file, or the same PostgreSQL server."""
        return self.database_url or f"sqlite:///{self.data_dir / 'engine.db'}"


def load(path: Path) -> Settings:
    """Read the file and the environment.

    Raises:
        ConfigError: missing, not TOML, or a key is unknown or ill-typed; names the key and its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}. `python -m bot init` writes one.") from exc
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not TOML: {exc}") from exc
    try:
        settings = Settings(**table)
    except ValidationError as exc:
        raise ConfigError("\n".join(_problems(path, text, exc))) from None  # exc would print values
    root = path.parent
    keys = (
        settings.keys.model_copy(update={"file": root / settings.keys.file})
        if settings.keys.file
        else settings.keys
    )
    return settings.model_copy(update={"data_dir": (root / settings.data_dir).resolve(), "keys": keys})


def _problems(path: Path, text: str, error: ValidationError) -> list[str]:
    said = []
    for problem in error.errors(include_input=False, include_context=False, include_url=False):
        keys = [str(part) for part in problem["loc"]]
        what = (
            "unknown key"
            if problem["type"] == "extra_forbidden"
            else problem["msg"].removeprefix("Value error, ")
        )
        line = _line_of(text, keys)
        said.append(f"{path}{f', line {line}' if line else ''}: {'.'.join(keys)}: {what}")
    return said


def _line_of(text: str, keys: list[str]) -> int | None:
    """The line where ``keys`` is set, or where its table begins; None when only the environment set it."""
    table: list[str] = []
    header = None
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = [bare or quoted for quoted, bare in re.findall(r'"([^"]*)"|([^."\s]+)', heading[1])]
            if table and table == keys[: len(table)]:
                header = number
        elif (pair := re.match(r'\s*"?([\w:-]+)"?\s*=', line)) and [*table, pair[1]] == keys[
            : len(table) + 1
        ]:
            return number
    return header


def secret_setting(
    table: Mapping[str, object], name: str, stored: Mapping[str, Secret], *, where: str, root: Path
) -> Secret:
    """The secret called ``name`` of a table: literal, from ``name_file``, ``secret:NAME`` or the environment.

    Dots lead into tables of the table and lists of them: ``flows.0.secret``.

    Raises:
        ConfigError: none of these, or the file or the stored secret is not there.
    """
    *path, last = name.split(".")
    for key in path:
        inner: Any = table
        table = inner[int(key)] if isinstance(inner, list) else inner[key]
    variable = f"{ENV_PREFIX}SECRET_" + re.sub(r"\W+", "_", f"{where}_{name}").strip("_").upper()
    if value := os.environ.get(variable):
        return Secret(value)
    if file := table.get(f"{last}_file"):
        try:
            return Secret((root / str(file)).read_text(encoding="utf-8").strip())
        except OSError as exc:
            raise ConfigError(f"{where}.{name}_file: cannot read {file}: {exc.strerror}") from exc
    value = str(table.get(last, ""))
    if value.startswith(_SECRET_REFERENCE):
        reference = value.removeprefix(_SECRET_REFERENCE)
        if reference not in stored:
            raise ConfigError(
                f"{where}.{name}: no stored secret {reference!r}; `python -m bot secret put {reference}`"
            )
        return stored[reference]
    if value:
        return Secret(value)
    raise ConfigError(f"{where}.{name} is missing: set it, {name}_file, or {variable}")
