"""One frozen Settings of all tables of the file; the environment wins over the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config.alerts import AlertSettings
from bot.config.approval import ApprovalSettings, RoleSettings, SafetyLimitSettings
from bot.config.destinations import Place, checked
from bot.config.inventory import IntegrationSettings, InventorySettings, PolicySettings
from bot.config.table import ENV_PREFIX, Section
from bot.config.web import SLACK_EVENTS, SlackSettings, WebSettings


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
