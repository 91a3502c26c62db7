"""[web]: what the bot serves itself."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

SLACK_EVENTS = "/slack/events"  # where Slack sends to in HTTP mode


class WebSettings(BaseModel):
    """[web]: health for whatever supervises the bot, and the sealed page where people enter and see secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
