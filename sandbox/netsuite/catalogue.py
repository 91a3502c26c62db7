"""
The tables SuiteQL knows here: their columns, and the permission a role needs to see each.

Source: facts on OAuthToken (SuiteAnalytics record browser), LoginAudit, employee, role and SystemNote, 2026-11.
Column lists are those seen in public; a custom field is a column of the record types that it applies to.
"""

from __future__ import annotations

from dataclasses import dataclass

# Kinds of columns: number, text, flag ("T"/"F"), date, or the table that the number points to.
NUMBER, TEXT, FLAG, DATE = "number", "text", "flag", "date"
REFERENCES = ("employee", "role", "integrationapp", "vendor")


@dataclass(frozen=True, slots=True)
class Spec:
    """
    `columns`: name to kind. `permission` is the key needed at level View, None for everybody.

    `kept_by` names the table that really holds the rows.
    """

    columns: dict[str, str]
    permission: str | None
    kept_by: str | None = None


TABLES: dict[str, Spec] = {
    "oauthtoken": Spec(
        {
            "id": NUMBER, "tba_token_name": TEXT, "tba_app_name": "integrationapp", "entity_name": "employee",
            "role_name": "role", "createdby": "employee", "dcreated": DATE, "brevoked": FLAG, "drevoked": DATE,
            "binactive": FLAG,
        },
        "ADMI_MANAGE_OAUTH_TOKENS",
    ),
    "useroauthtoken": Spec(
        {
            "id": NUMBER, "tba_token_name": TEXT, "tba_app_name": "integrationapp", "role_name": "role",
            "dcreated": DATE, "brevoked": FLAG, "binactive": FLAG,
        },
        "ADMI_MANAGE_OWN_OAUTH_TOKENS",
        kept_by="oauthtoken",
    ),
    "loginaudit": Spec(
        {
            "date": DATE, "status": TEXT, "user": "employee", "role": "role", "emailaddress": TEXT,
            "ipaddress": TEXT, "requesturi": TEXT, "detail": TEXT, "secchallenge": TEXT, "useragent": TEXT,
            "oauthappname": TEXT, "oauthaccesstokenname": TEXT,
        },
        "ADMI_AUDITLOGIN",
    ),
    "integrationapp": Spec({"id": NUMBER, "name": TEXT, "state": TEXT, "createddate": DATE}, "ADMI_INTEGRAPP"),
    "employee": Spec(
        {
            "id": NUMBER, "entityid": TEXT, "email": TEXT, "firstname": TEXT, "lastname": TEXT, "title": TEXT,
            "supervisor": "employee", "isinactive": FLAG, "giveaccess": FLAG, "rolesforsearch": TEXT,
            "hiredate": DATE, "releasedate": DATE, "lastmodifieddate": DATE, "custentity_nexonia": FLAG,
        },
        "LIST_EMPLOYEE_RECORD",
    ),
    "employeerolesforsearch": Spec(
        {"entity": "employee", "role": "role"}, "LIST_EMPLOYEE_RECORD", kept_by="assignments"
    ),
    "employeeroles": Spec(
        {"entity": "employee", "role": "role"}, "LIST_EMPLOYEE_RECORD", kept_by="assignments"
    ),
    "role": Spec(
        {
            "id": NUMBER, "name": TEXT, "scriptid": TEXT, "centertype": TEXT, "isinactive": FLAG,
            "coreadminpermission": FLAG, "issinglesignononly": FLAG, "restrictbydevice": FLAG,
            "subsidiaryoption": TEXT,
        },
        "ADMI_MANAGEROLES",
    ),
    "rolepermissions": Spec(
        {"role": "role", "name": TEXT, "permkey": TEXT, "permlevel": NUMBER}, "ADMI_MANAGEROLES"
    ),
    "vendor": Spec(
        {
            "id": NUMBER, "entityid": TEXT, "companyname": TEXT, "firstname": TEXT, "lastname": TEXT,
            "email": TEXT, "isinactive": FLAG, "isperson": FLAG, "lastmodifieddate": DATE,
            "custentity_nexonia": FLAG,
        },
        "LIST_VENDOR",
    ),
    "systemnote": Spec(
        {
            "record": TEXT, "recordid": NUMBER, "recordtypeid": NUMBER, "date": DATE, "name": "employee",
            "role": "role", "context": TEXT, "field": TEXT, "oldvalue": TEXT, "newvalue": TEXT,
        },
        None,
    ),
    "systemnotecontexttype": Spec({"id": TEXT, "name": TEXT}, None),
    "transaction": Spec(
        {
            "id": NUMBER, "tranid": TEXT, "type": TEXT, "recordtype": TEXT, "entity": NUMBER, "trandate": DATE,
            "createddate": DATE, "createdby": "employee", "lastmodifieddate": DATE, "status": TEXT,
            "memo": TEXT, "otherrefnum": TEXT, "foreigntotal": NUMBER,
        },
        "TRAN_SALESORD",
    ),
    "deletedrecord": Spec(
        {
            "recordid": NUMBER, "recordtypeid": NUMBER, "type": TEXT, "name": TEXT, "deleteddate": DATE,
            "deletedby": "employee",
        },
        "ADMI_DELETEDRECORDS",
    ),
    "dual": Spec({"dummy": TEXT}, None),
}  # fmt: skip

PERMISSIONS: dict[str, str] = {
    "ADMI_LOGIN_OAUTH": "Log in using Access Tokens",
    "ADMI_LOGIN_OAUTH2": "Log in using OAuth 2.0 Access Tokens",
    "ADMI_RESTWEBSERVICES": "REST Web Services",
    "ADMI_MANAGE_OAUTH_TOKENS": "Access Token Management",
    "ADMI_MANAGE_OWN_OAUTH_TOKENS": "User Access Tokens",
    "ADMI_AUDITLOGIN": "View Login Audit Trail",
    "ADMI_MANAGEROLES": "Bulk Manage Roles",
    "ADMI_MANAGE_OWN_OAUTH2_CERTS": "Manage own OAuth 2.0 Client Credentials certificates",
    "ADMI_MANAGE_OAUTH2": "OAuth 2.0 Authorized Applications Management",
    "ADMI_BILLINGINFO": "View Billing Information",
    "ADMI_INTEGRAPP": "Integration Application",
    "ADMI_DELETEDRECORDS": "Deleted Records",
    "LIST_EMPLOYEE_RECORD": "Employee Record",
    "LIST_EMPLOYEE_ACCESS": "Employee Access",
    "LIST_VENDOR": "Vendors",
    "LIST_SYSTEMNOTES": "System Notes",
    "LIST_FIND": "Perform Search",
    "REPO_ANALYTICS": "SuiteAnalytics Workbook",
    "TRAN_SALESORD": "Sales Order",
}
"""Keys and names of the permissions this account knows; ADMI_INTEGRAPP, ADMI_DELETEDRECORDS, LIST_VENDOR, LIST_FIND,
REPO_ANALYTICS and TRAN_SALESORD are spelled by guess."""

NONE, VIEW, CREATE, EDIT, FULL = range(5)
ADMINISTRATOR = 3
"""The role id that every account gives its Administrator role."""
