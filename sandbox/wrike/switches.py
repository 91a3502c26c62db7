"""Behaviours of Wrike that public documents leave open, and the few settings of the pretended account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Switches:
    """
    One value per open question; the README of this folder says what each stands for.

    Changing a switch changes the stand-in from the next request on. Every `*_error` is the pair
    (`error`, `errorDescription`) of the body.
    """

    # Tokens and hosts
    centre: Literal["main", "other"] = "main"
    wrong_centre: Literal["401", "300"] = "401"
    deactivated_user_token: Literal["401", "works"] = "401"
    deleted_user_token: Literal["401", "works"] = "401"
    access_token_life_s: int = 3600
    refresh_token_life_s: int | None = None
    refresh_ends_access_token: bool = False
    oauth_error_shape: Literal["rfc", "wrike"] = "rfc"
    basic_client_auth: bool = False
    missing_scope_error: tuple[str, str] = (
        "access_forbidden",
        "The token lacks the scope for this operation",
    )
    unknown_path_error: tuple[str, str] = ("method_not_found", "Unknown method")

    # Rate limit
    rate_per_minute: float = 400.0
    rate_burst: int = 20
    rate_counts: Literal["account", "user", "token"] = "token"
    retry_after: bool = False
    rate_error: tuple[str, str] = ("rate_limit_exceeded", "Too many requests")
    server_error: tuple[str, str] = ("server_error", "Internal server error")

    # People
    contact_filters: bool = True
    default_list_has_deleted: bool = False
    deleted_user_by_id: Literal["record", "404"] = "record"
    contact_shows_active: bool = False
    collaborators_see_everybody: bool = False
    deactivated_keep_seat: bool = True
    user_types_scope_needed: bool = False

    # Invitations
    duplicate_invitation: Literal["400", "403", "resend", "second"] = "400"
    member_invitation: Literal["400", "403", "accepted"] = "400"
    regular_users_may_invite: bool = False
    invitation_life_days: int | None = None
    expired_invitation_status: Literal["Pending", "Cancelled", "Declined"] = "Cancelled"
    invitation_shares_carry_over: bool = True
    no_seat_error: tuple[str, str] = ("not_allowed", "No licences are left in this account")

    # Folders
    add_shareds_shape: Literal["ids", "objects", "both"] = "ids"
    access_roles_shape: Literal["id_accessRoleId", "userId_roleId", "refused"] = "id_accessRoleId"
    folders_paged: bool = True
    batch_with_missing: Literal["refused", "left_out"] = "refused"
    folder_write_ms: float = 15.0
    parallel_folder_write: Literal["refused", "waits"] = "refused"
    parallel_folder_error: tuple[str, str] = ("invalid_request", "Another folder operation is in progress")

    # Audit log
    audit_page_most: int = 1000
    audit_covers_permanent_tokens: bool = False
