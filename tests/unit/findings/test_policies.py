"""What the company decided: how it is written, and how it is read."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import PolicySettings, load
from bot.config.policies import DEFAULTS, Accounts, Administrator, MustOwn, Policies
from bot.errors import ConfigError

FILE = """
[slack]
alert_channel = "C123"
[policies]
accounts = "shared"
administrator = "allowed"
must_own = "owner_and_backup"
oldest_days = 0
ages_days = {oauth_grant = 180}
[policies.usage_interval_h]
"Payroll  Export" = 744
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "handover.toml"
    path.write_text(text)
    return path


def test_every_policy_can_be_configured_and_has_the_same_default() -> None:
    """The file and the checks can never disagree about what is decided."""
    assert {f.name for f in fields(Policies)} == set(PolicySettings.model_fields)
    assert PolicySettings().policies() == DEFAULTS


def test_what_the_file_says_is_what_checks_read(tmp_path: Path) -> None:
    """Each key arrives typed; an age of its own wins, and no age is no limit."""
    policies = load(written(tmp_path, FILE)).policies.policies()
    assert policies.accounts is Accounts.SHARED
    assert policies.accounts == "shared"
    assert policies.administrator is Administrator.ALLOWED
    assert policies.must_own is MustOwn.OWNER_AND_BACKUP
    assert policies.oldest("oauth_grant") == timedelta(days=180)
    assert policies.oldest("certificate") is None
    assert policies.cadence("payroll export") == timedelta(days=31)
    assert policies.cadence("Marketo sync") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('accounts = "shared"', 'accounts = "some"'), "policies.accounts"),
        (("oauth_grant = 180", "oauth_grants = 180"), "no kind of credential is called that"),
        (("oauth_grant = 180", "oauth_grant = -1"), "policies.ages_days.oauth_grant"),
        (("744", "0"), "policies.usage_interval_h.Payroll  Export"),
        (("oldest_days", "oldest_day"), "policies.oldest_day: unknown key"),
    ],
)
def test_a_policy_that_cannot_be_meant_stops_the_boot(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    """A mistyped policy is never a lax one."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, FILE.replace(*change)))
    assert said in caught.value.hint
