"""Behaviours of Salesforce that public documents leave open, and the few settings of the pretended org."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Switches:
    """
    One value per open question; the README of this folder says what each stands for.

    Changing a switch changes the stand-in from the next request on. Every `*_error` is the pair
    (`error`, `error_description`) of the OAuth endpoint.
    """

    # The org
    my_domain: str = "larkspur"
    host_kind: Literal["my_domain", "login"] = "my_domain"
    trust_forwarded_for: bool = True
    session_timeout_s: int = 7200
    daily_api_requests: int | None = None
    long_request_s: float = 20.0
    long_requests_at_once: int = 25

    # OAuth
    jwt_max_lifetime_s: int | None = None
    jwt_may_follow_real_clock: bool = True
    jwt_creates_grant: bool = False
    client_credentials_creates_grant: bool = False
    expired_certificate_refused: bool = False
    run_as_needs_permitted_user_policy: bool = False
    password_flow_blocked: bool = False
    soap_login_enabled: bool = True
    oauth_updates_last_login: bool = True
    approvals_per_user_and_app: int = 5
    audience_error: tuple[str, str] = ("invalid_grant", "Audience validation failed")
    not_admin_approved_error: tuple[str, str] = (
        "invalid_app_access",
        "user is not admin approved to access this app",
    )
    inactive_error: tuple[str, str] = ("invalid_grant", "inactive user")
    frozen_error: tuple[str, str] = ("invalid_grant", "authentication failure")
    restricted_ip_error: tuple[str, str] = ("invalid_grant", "ip restricted")
    restricted_time_error: tuple[str, str] = ("invalid_grant", "authentication failure")
    no_run_as_error: tuple[str, str] = ("invalid_grant", "no client credentials user enabled")

    # Data
    missing_permission: Literal["invalid_type", "no_rows"] = "invalid_type"
    rolling_literals: Literal["edge", "range"] = "edge"
    user_login_row_from_creation: bool = True
    freeze_ends_sessions: bool = True
    deactivation_deletes_grants: bool = False
    tooling_profile_patch: bool = False
    standard_profile_ranges_editable: bool = True
    password_error_shape: Literal["array", "object"] = "array"
    profile_update_without_ranges_clears_them: bool = False
    metadata_returns_consumer_secret: bool = False
    consumer_secrets_by_rest: bool = True
    rotated_credentials_rotate_back: bool = False
    deactivation_blocked: tuple[str, str] = (
        "FIELD_INTEGRITY_EXCEPTION",
        "You cannot deactivate this user because it is the {role}.",
    )
    retired_versions: tuple[int, int] = field(default=(21, 30))
