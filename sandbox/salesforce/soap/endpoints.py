"""The SOAP endpoints on the wire."""

import re

from aiohttp import web

from sandbox.salesforce import sessions
from sandbox.salesforce.callers import Caller, caller
from sandbox.salesforce.errors import ApiError, SoapFault
from sandbox.salesforce.oauth.asking import base_url, source_ip
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest.describe import NEWEST
from sandbox.salesforce.rest.limits import Limits
from sandbox.salesforce.soap import changes, components
from sandbox.salesforce.soap.envelope import (
    METADATA,
    PARTNER,
    Request,
    Tree,
    fault_response,
    local,
    read,
    response,
    tree,
    xsi_type,
)
from sandbox.salesforce.soap.login import login
from sandbox.wire import WHO

MOST_COMPONENTS = 10
MOST_LISTED_TYPES = 3


class Endpoints:
    """Handlers over one org."""

    def __init__(self, org: Org, limits: Limits) -> None:
        self._org = org
        self._limits = limits

    def routes(self) -> list[web.RouteDef]:
        """Paths with and without the org's Id at the end."""
        return [
            web.post("/services/Soap/m/{version}{rest:(/.*)?}", self.metadata),
            web.post("/services/Soap/u/{version}{rest:(/.*)?}", self.partner),
            web.post("/services/Soap/c/{version}{rest:(/.*)?}", self.partner),
        ]

    async def partner(self, request: web.Request) -> web.Response:
        """login() and nothing else: records are the data API's matter."""
        try:
            found = read(await request.read())
            version = self._version(request)
            if found.operation != "login":
                raise SoapFault(
                    "soapenv:Client",
                    f"No operation available for request {found.operation}, please check"
                    " the WSDL for the service.",
                )
            address = base_url(self._org, request)
            result = login(self._org, found, version, source_ip(self._org, request), address)
        except SoapFault as refused:
            return fault_response(refused.code, refused.message, namespace=PARTNER)
        return response("login", PARTNER, [("result", result)])

    async def metadata(self, request: web.Request) -> web.Response:
        """readMetadata, listMetadata, describeMetadata, updateMetadata."""
        try:
            found = read(await request.read())
            self._version(request)
            who = self._caller(found)
            request[WHO] = who.user["Username"]
            self._limits.spend()
            results = self._answer(found, who)
        except SoapFault as refused:
            return fault_response(refused.code, refused.message)
        except ApiError as refused:
            return fault_response(refused.code, refused.message)
        return response(found.operation, METADATA, results)

    def _version(self, request: web.Request) -> int:
        match = re.fullmatch(r"(\d{2})\.0", request.match_info["version"])
        number = int(match[1]) if match else 0
        if not self._org.switches.retired_versions[1] < number <= NEWEST:
            raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        return number

    def _caller(self, found: Request) -> Caller:
        session = sessions.find(self._org, found.session_id)
        if session is None:
            raise SoapFault(
                "INVALID_SESSION_ID",
                "Invalid Session ID found in SessionHeader: Illegal Session. Session"
                " not found, missing session hash",
            )
        who = caller(self._org, session)
        if not {"ModifyMetadata", "ModifyAllData"} & who.held:
            raise SoapFault(
                "INSUFFICIENT_ACCESS",
                "use of the Metadata API requires a user with the ModifyAllData or"
                " ModifyMetadata permissions",
            )
        sessions.touch(self._org, session)
        return who

    def _answer(self, found: Request, who: Caller) -> Tree:
        match found.operation:
            case "readMetadata":
                return [("result", self._read(found))]
            case "listMetadata":
                return self._list(found)
            case "describeMetadata":
                return [("result", self._describe())]
            case "updateMetadata":
                return self._update(found, who)
            case _:
                raise SoapFault(
                    "soapenv:Client",
                    f"No operation available for request {found.operation}, please check"
                    " the WSDL for the service.",
                )

    def _read(self, found: Request) -> Tree | None:
        kind = "".join(found.texts("type"))
        if kind not in components.FOLDERS:
            raise SoapFault(
                "INVALID_TYPE", f"This type of metadata is not available for this organization: {kind}"
            )
        names = found.texts("fullNames")
        if len(names) > MOST_COMPONENTS:
            raise SoapFault(
                "LIMIT_EXCEEDED",
                f"record limit reached. cannot submit more than {MOST_COMPONENTS} records in this operation",
            )
        out: Tree = []
        for name in names:
            component = components.read(self._org, kind, name)
            if component is None:
                out.append(('records xsi:nil="true"', None))
            else:
                out.append((f'records xsi:type="{kind}"', component))
        return out or None

    def _list(self, found: Request) -> Tree:
        queries = [tree(child) for child in found.body if local(child) == "queries"]
        if len(queries) > MOST_LISTED_TYPES:
            raise SoapFault("LIMIT_EXCEEDED", f"at most {MOST_LISTED_TYPES} queries per call")
        out: Tree = []
        for query in queries:
            kind = str(query.get("type", ""))
            if kind not in components.FOLDERS:
                raise SoapFault("INVALID_TYPE", f"Unknown type name '{kind}' specified in listMetadata")
            folder, suffix = components.FOLDERS[kind]
            for name in components.names(self._org, kind):
                out.append(("result", self._properties(kind, name, f"{folder}/{name}.{suffix}")))
        return out

    def _properties(self, kind: str, name: str, file_name: str) -> Tree:
        by = self._org.administrator
        app = components.find_app(self._org, kind, name)
        profile = components.find_profile(self._org, name) if kind == "Profile" else None
        row_id = app.id if app else profile["Id"] if profile else ""
        at = self._org.row["CreatedDate"].replace("+0000", "Z")
        return [
            ("createdById", by["Id"]),
            ("createdByName", by["Name"]),
            ("createdDate", at),
            ("fileName", file_name),
            ("fullName", name),
            ("id", row_id),
            ("lastModifiedById", by["Id"]),
            ("lastModifiedByName", by["Name"]),
            ("lastModifiedDate", at),
            ("type", kind),
        ]

    def _describe(self) -> Tree:
        out: Tree = []
        for kind, (folder, suffix) in components.FOLDERS.items():
            described: Tree = [
                ("directoryName", folder),
                ("inFolder", False),
                ("metaFile", False),
                ("suffix", suffix),
                ("xmlName", kind),
            ]
            out.append(("metadataObjects", described))
        return [*out, ("organizationNamespace", ""), ("partialSaveAllowed", True), ("testRequired", False)]

    def _update(self, found: Request, who: Caller) -> Tree:
        sent = [child for child in found.body if local(child) == "metadata"]
        if len(sent) > MOST_COMPONENTS:
            raise SoapFault(
                "LIMIT_EXCEEDED",
                f"record limit reached. cannot submit more than {MOST_COMPONENTS} records in this operation",
            )
        out: Tree = []
        for component in sent:
            values = tree(component)
            name = str(values.get("fullName", ""))
            try:
                changes.update(self._org, who, xsi_type(component), values)
                out.append(("result", [("fullName", name), ("success", True)]))
            except ApiError as refused:
                error: Tree = [("message", refused.message), ("statusCode", refused.code)]
                out.append(("result", [("errors", error), ("fullName", name), ("success", False)]))
        return out
