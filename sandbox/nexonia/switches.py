"""Settings of the pretended Nexonia, and what public articles leave open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """The README of this folder says what each stands for."""

    employees: bool = True
    vendors: bool = True
    employee_filter: bool = True
    notify_new_users: bool = False
    nightly: bool = True
    duplicate_emails: bool = True
    creates_need_full_sync: bool = False
    company_timezone: str = "Europe/London"
