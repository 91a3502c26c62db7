"""Settings of the pretended account, and behaviours of NetSuite that public documents leave open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Switches:
    """
    One value per setting or open question; the README of this folder says what each stands for.

    Changing a switch changes the stand-in from the next request on.
    """

    # The account
    time_zone: str = "Etc/UTC"
    concurrency_limit: int = 5
    retry_after_s: float | None = None
    overload: Literal["429", "401_after_wait"] = "429"
    overload_wait_s: float = 60.0
    audit_lag_s: float = 120.0
    clock_skew_s: float = 0.0
    full_licences: int | None = None
    tba_feature: bool = True
    new_tba_integrations: bool = True
    tokens_per_user: int = 25

    # Signing in by token (TBA)
    timestamp_window_s: int = 300
    wrong_realm_detail: str | None = None
    token_unknown_detail: str = "token_unknown"
    token_revoked_detail: str = "token_revoked"
    token_inactive_detail: str = "token_rejected"
    login_permission_missing_detail: str = "PermissionViolation"
    give_access_needed: bool = True
    release_date_deactivates: bool = False
    restlet_401: tuple[str, str] = ("INVALID_LOGIN_ATTEMPT", "Invalid login attempt.")

    # Signing in by certificate (M2M)
    longest_assertion_s: int = 3600
    assertion_of_exactly_60_minutes: bool = True
    unknown_client_error: tuple[int, str] = (400, "invalid_grant")
    disabled_entity_error: str = "invalid_grant"
    bearer_outlives_certificate: bool = True
    expires_in_is_text: bool = True
    token_type: str = "bearer"
    access_token_shape: Literal["2026", "older"] = "2026"
    m2m_audit: Literal["grant", "call", "both"] = "grant"
    rsa_2048_accepted: bool = False
    long_validity: Literal["shorten", "reject"] = "shorten"
    second_certificate: Literal["allow", "refuse", "invalidate_old"] = "allow"
    certificates_shown: Literal["own", "all"] = "own"
    certificate_extra_fields: bool = False
    certificates_accept_tba: bool = False

    # SuiteQL
    integrationapp_visible: bool = True
    role_assignments_visible: frozenset[str] = field(
        default_factory=lambda: frozenset({"employeerolesforsearch", "employeeroles"})
    )
    loginaudit_count_star_is_zero: bool = False
    employee_dates_visible: bool = True

    # Records
    roles_sublist: Literal["keyed", "append"] = "keyed"
    administrator_needed_to_grant_administrator: bool = True
    employee_access_needed: bool = True
    licence_counters_filled: bool = False
    rest_context: str = "RST"
    revoke_token_body: str = ""
