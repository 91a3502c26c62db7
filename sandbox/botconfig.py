"""The bot's TOML configuration for this sandbox, in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

SCAN_EVERY_S = 5
WATCH_EVERY_S = 2
DAILY_SHARE = 1  # a scan every few seconds is what a sandbox is for; a real org gets the bot's default

WRIKE_SCAN_EVERY_S = 20  # Wrike allows some 400 requests a minute, and steps that wait look as well
WRIKE_BEAT_S = 3600  # how long a new token works beside the old one

WRITTEN = {"salesforce": True, "netsuite": True, "wrike": True, "nexonia": True}
"""Which stand-ins the bot is given a connection to; an unknown platform would stop its start."""

NEXONIA = {
    "directory": "sandbox",
    "write": True,
    "employee_filter": True,
    "notify": True,
    "time_zone": "Europe/London",
    "records": "netsuite:prod",
}
"""How the played company syncs, as `sandbox.nexonia.switches` has it; its records are NetSuite's."""


def write(directory: Path, ready: dict[str, Any], *, roles: dict[str, list[str]]) -> Path:
    """
    Write `handover.toml`, and the private keys beside it, into `directory` (made 0700; files 0600).

    Secrets stand in the file in clear, which is right only because they open nothing but a sandbox.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    tables: dict[str, dict[str, Any]] = {
        "slack": {
            "bot_token": ready["slack"]["bot_token"],
            "app_token": ready["slack"]["app_token"],
            "signing_secret": ready["slack"]["signing_secret"],
            "api_url": ready["slack"]["api"],
            "alert_channel": ready["slack"]["channel"],
            "command": ready["slack"]["command"],
        },
        "sandbox": {"world_url": ready["world"]},
        "roles": roles,
        "approval": {"watch_every_s": WATCH_EVERY_S},
        "web": _web(),
    }
    if "salesforce" in ready and WRITTEN["salesforce"]:
        tables['connections."salesforce:prod"'] = _salesforce(directory, ready["salesforce"])
    if "wrike" in ready and WRITTEN["wrike"]:
        tables['connections."wrike:prod"'] = _by_token("wrike", ready["wrike"]) | {
            "other_urls": [ready["wrike"]["other_url"]],
            "service_accounts": ready["wrike"]["service_accounts"],
            "flows": ready["wrike"]["flows"],
            "scan_every_s": WRIKE_SCAN_EVERY_S,
            "unused_for_s": WRIKE_BEAT_S,
        }
    if "nexonia" in ready and WRITTEN["nexonia"]:
        tables['connections."nexonia:prod"'] = _by_token("nexonia", ready["nexonia"]) | NEXONIA
    if "netsuite" in ready and WRITTEN["netsuite"]:
        tables['connections."netsuite:prod"'] = _netsuite(directory, ready["netsuite"])
    lines = [f"data_dir = {_toml(str(directory / 'data'))}"]
    for name, values in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]
    return _private(directory / "handover.toml", "\n".join(lines) + "\n")


def _web() -> dict[str, Any]:
    """A free port of this machine for the bot's own pages."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{probe.getsockname()[1]}"
    return {"listen": at, "public_url": f"http://{at}"}


def _salesforce(directory: Path, hello: dict[str, Any]) -> dict[str, Any]:
    return {
        "platform": "salesforce",
        "url": hello["url"],
        "client_id": hello["client_id"],
        "username": hello["username"],
        "private_key_file": str(_private(directory / "salesforce.pem", hello["private_key"])),
        "scan_every_s": SCAN_EVERY_S,
        "max_daily_share": DAILY_SHARE,
    }


def _by_token(platform: str, hello: dict[str, Any]) -> dict[str, Any]:
    return {
        "platform": platform,
        "url": hello["url"],
        "token": hello["token"],
        "scan_every_s": SCAN_EVERY_S,
    }


def _netsuite(directory: Path, hello: dict[str, Any]) -> dict[str, Any]:
    """Sign-in by certificate, the way a new integration has to; `url` stands for every host of the account."""
    return {
        "platform": "netsuite",
        **{key: hello[key] for key in ("account", "url", "client_id", "certificate_id")},
        "private_key_file": str(_private(directory / "netsuite.pem", hello["private_key"])),
        "integration_accounts": ["*@integrations.*"],
        "nexonia_field": "custentity_nexonia",
        "scan_every_s": SCAN_EVERY_S,
    }


def _private(path: Path, text: str) -> Path:
    """Write a file that never existed with looser rights than 0600."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _toml(value: Any) -> str:
    """JSON's texts and whole numbers are TOML's too (DEL aside, which none of ours holds); lists and tables inline."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(inner)}' for key, inner in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(inner) for inner in value)}]"
    return json.dumps(value, ensure_ascii=False)
