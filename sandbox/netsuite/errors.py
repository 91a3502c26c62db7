"""How NetSuite words a refusal: the REST services' error document, and the RESTlets' short one."""

from __future__ import annotations

from typing import Any

from aiohttp import web

REST_TYPE = "application/vnd.oracle.resource+json; type=error"
_SECTIONS = {400: "1", 401: "2", 403: "4", 404: "5", 405: "6", 406: "7", 409: "10", 415: "16"}
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
INVALID_LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles "
    "> User Management > View Login Audit Trail."
)


class ApiError(Exception):
    """
    A refusal. `where` is one more member of the error's details: o:errorPath, o:errorQueryParam or o:errorHeader.
    """

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **where: str
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.where = {f"o:error{key[0].upper()}{key[1:]}": value for key, value in where.items()}


def invalid_query(reason: str) -> ApiError:
    """A SuiteQL text that cannot be run. Source: texts seen live, facts 2026-11."""
    detail = (
        f"Invalid search query. Detailed unprocessed description follows. Search error occurred: {reason}"
    )
    return ApiError(400, "INVALID_PARAMETER", detail, queryParam="q")


def invalid_parameter(name: str, detail: str) -> ApiError:
    return ApiError(400, "INVALID_PARAMETER", detail, queryParam=name)


def forbidden(permission: str) -> ApiError:
    detail = (
        f"You do not have permissions to access this resource. The required permission is {permission}. "
        "Contact your account administrator."
    )
    return ApiError(403, "INSUFFICIENT_PERMISSION", detail)


def rest_response(error: ApiError) -> web.Response:
    """The error document of REST web services."""
    if error.status == 429:
        link = "https://www.rfc-editor.org/rfc/rfc6585.html#section-4"
    elif error.status >= 500:
        link = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.1"
    else:
        link = f"https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.{_SECTIONS.get(error.status, '1')}"
    body: dict[str, Any] = {
        "type": link,
        "title": _TITLES.get(error.status, "Error"),
        "status": error.status,
        "o:errorDetails": [{"detail": error.detail, **error.where, "o:errorCode": error.code}],
    }
    response = web.json_response(body, status=error.status, headers=error.headers)
    response.headers["Content-Type"] = REST_TYPE
    return response


def restlet_response(error: ApiError) -> web.Response:
    """The error of a RESTlet, and of the token services on the same host."""
    body = {"error": {"code": error.code, "message": error.detail}}
    return web.json_response(body, status=error.status, headers=error.headers)


def response(path: str, error: ApiError) -> web.Response:
    return rest_response(error) if path.startswith("/services/rest") else restlet_response(error)
