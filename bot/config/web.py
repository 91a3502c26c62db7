"""[slack] and [web]: how Slack and people reach the bot, and what it serves itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.config.table import Section

SLACK_EVENTS = "/slack/events"  # where Slack sends to in HTTP mode


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


class WebSettings(Section):
    """[web]: health for whatever supervises the bot, and the sealed page where people enter and see secrets."""

    listen: str = Field(
        "",
        pattern=r"^$|^[\w.:\[\]-]+:\d+$",
        description="host:port of /healthz, /readyz, the sealed page and what others send us",
    )
    public_url: str = Field(
        "",
        description="https://… by which people reach `listen`; empty: no sealed page, but the command line",
    )

    scim_secret: SecretStr = Field(
        SecretStr(""),
        description="what an identity provider signs POST /hooks/scim with, 32 characters or more: `secret:NAME`, a "
        "file, or environment; empty: no such address",
    )
    scim_secret_file: Path | None = Field(None, description="a file holding scim_secret")

    @field_validator("public_url")
    @classmethod
    def _nobody_listens(cls, url: str) -> str:
        if re.fullmatch(r"|https://[^/?#@\s]+/?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?", url):
            return url.rstrip("/")
        raise ValueError("must be https://host[:port] without a path (http is for this machine only)")

    @model_validator(mode="after")
    def _somebody_answers(self) -> WebSettings:
        if self.public_url and not self.listen:
            raise ValueError("public_url needs listen: nothing would answer there")
        if self.hears_scim and not self.listen:
            raise ValueError("scim_secret needs listen: nothing would answer there")
        return self

    @property
    def hears_scim(self) -> bool:
        """Whether an identity provider may tell us of people."""
        return bool(self.scim_secret.get_secret_value() or self.scim_secret_file)
