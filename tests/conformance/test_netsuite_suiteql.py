"""SuiteQL as callers see it: the protocol, the language, the tables a role may see, and the words of refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conformance.netsuite_driving import (
    ADA,
    ALICE,
    BOT,
    CONNECTOR_ROLE,
    SHARED,
    SUITEQL,
    Keys,
    Running,
    serving,
)

PREFIX = "Invalid search query. Detailed unprocessed description follows. Search error occurred: "


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def netsuite() -> AsyncIterator[Running]:
    """One account that these tests read; what they switch they switch back."""
    async with serving() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def own() -> AsyncIterator[Running]:
    """An account to change."""
    async with serving() as started:
        yield started


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_envelope(netsuite: Running) -> None:
    """Every member of a page, its links, lower-case keys, texts, and no nulls."""
    answer = await netsuite.query(
        "SELECT e.id, e.Email, e.GIVEACCESS, e.supervisor FROM employee e ORDER BY e.id", limit=10
    )
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/vnd.oracle.resource+json")
    body = answer.body
    assert set(body) == {"links", "count", "hasMore", "items", "offset", "totalResults"}
    assert (body["count"], body["hasMore"], body["offset"]) == (10, True, 0)
    assert body["totalResults"] == len(netsuite.account["employee"])
    assert {link["rel"] for link in body["links"]} == {"self", "first", "last", "next"}
    first = body["items"][0]
    assert first == {"links": [], "id": "1101", "email": "tendai.moyo@larkspur.example", "giveaccess": "T"}
    assert body["items"][3]["supervisor"] == "1102"


async def test_every_page_once(netsuite: Running) -> None:
    """Following limit and offset gives each row once, and the last page says that it is the last."""
    seen: list[str] = []
    offset, more = 0, True
    while more:
        body = (await netsuite.query("SELECT id FROM employee ORDER BY id", limit=7, offset=offset)).body
        seen += [row["id"] for row in body["items"]]
        offset, more = offset + 7, body["hasMore"]
    assert seen == sorted({str(row["id"]) for row in netsuite.account["employee"]})
    beyond = (await netsuite.query("SELECT id FROM employee ORDER BY id", limit=7, offset=700)).body
    assert (beyond["count"], beyond["hasMore"], beyond["totalResults"]) == (0, False, len(seen))


@pytest.mark.parametrize(
    ("page", "parameter"),
    [
        ("limit=1001", "limit"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=10&offset=5", "offset"),
        ("limit=1000&offset=100000", "offset"),
        ("limit=10&offset=x", "offset"),
    ],
)
async def test_wrong_pages(netsuite: Running, page: str, parameter: str) -> None:
    """limit up to 1,000, offset a multiple of it and below 100,000: else 400 that names the parameter."""
    answer = await netsuite.tba(
        "POST", f"{SUITEQL}?{page}", json={"q": "SELECT id FROM employee"}, headers={"Prefer": "transient"}
    )
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")
    assert answer.body["o:errorDetails"][0]["o:errorQueryParam"] == parameter


async def test_prefer_transient(netsuite: Running) -> None:
    """The header is required; beside other wishes it counts too."""
    body = {"q": "SELECT id FROM employee"}
    for headers in ({}, {"Prefer": "respond-async"}):
        assert (await netsuite.tba("POST", SUITEQL, json=body, headers=headers)).status == 400
    for wish in ("transient", "Transient", "respond-async, transient"):
        assert (await netsuite.tba("POST", SUITEQL, json=body, headers={"Prefer": wish})).status == 200


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"q": 5}', '{"q": "  "}', "nonsense", '{"query": "SELECT 1"}']
)
async def test_wrong_bodies(netsuite: Running, body: str) -> None:
    """A body that holds no query is refused as content."""
    answer = await netsuite.tba("POST", SUITEQL, data=body, headers={"Prefer": "transient"})
    assert (answer.status, answer.code) == (400, "INVALID_CONTENT")


async def test_only_post(netsuite: Running) -> None:
    """The query service has no GET."""
    assert (await netsuite.tba("GET", SUITEQL)).status == 405


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT x FROM employee", "Unknown identifier 'x'. Available identifiers are: {employee=employee}."),
        ("SELECT e.x FROM employee e", "Unknown identifier 'e.x'. Available identifiers are: {e=employee}."),
        (
            "SELECT e.id FROM employee WHERE id = 1",
            "Unknown identifier 'e.id'. Available identifiers are: {employee=employee}.",
        ),
        ("SELECT id FROM integration", "Record 'integration' was not found."),
        ("SELECT id FROM sqlite_master", "Record 'sqlite_master' was not found."),
        ("SELECT id FROM assignments", "Record 'assignments' was not found."),
        ("SELECT load_extension('x') FROM employee", "Unknown function 'load_extension'."),
        ("SELECT BUILTIN.CONSOLIDATE(id) FROM employee", "Unknown function 'CONSOLIDATE'."),
        ("SELECT x.* FROM employee e", "Unknown identifier 'x.*'."),
        (
            "SELECT _secret FROM oauthtoken",
            "Unknown identifier '_secret'. Available identifiers are: {oauthtoken=oauthtoken}.",
        ),
    ],
)
async def test_what_is_not_there(netsuite: Running, text: str, reason: str) -> None:
    """Unknown names are told in NetSuite's words, and nothing behind the tables can be reached."""
    answer = await netsuite.query(text)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")
    assert answer.detail == PREFIX + reason
    assert answer.body["o:errorDetails"][0]["o:errorQueryParam"] == "q"


@pytest.mark.parametrize(
    "text",
    [
        "SELEC id FROM employee",
        "SELECT id FROM employee; DELETE FROM employee",
        "DELETE FROM employee",
        "UPDATE employee SET email = 'x'",
        "DROP TABLE employee",
        "PRAGMA table_info(employee)",
        "SELECT id, COUNT(id) FROM employee",
        "SELECT id FROM employee WHERE id = ?",
        "SELECT id FROM employee WHERE id = :caller",
        "SELECT ROWNUM FROM employee GROUP BY id",
        "SELECT id FROM employee WHERE ROWNUM <= 3 ORDER BY id",
        "SELECT id FROM employee ORDER BY ROWNUM",
        "SELECT id FROM employee WHERE (",
        "SELECT " + "(" * 3000 + "1" + ")" * 3000 + " FROM dual",
    ],
)
async def test_what_is_no_query(netsuite: Running, text: str) -> None:
    """Anything but one well-formed SELECT is refused, and changes nothing."""
    answer = await netsuite.query(text)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")
    assert len(netsuite.account["employee"]) > 30


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT COUNT(*) FROM role WHERE id IN (3, 15)", [{"expr1": "2"}]),
        ("SELECT MIN(id) a, MAX(id) b FROM role", [{"a": "3", "b": "1062"}]),
        ("SELECT name FROM role WHERE name LIKE 'Hand%'", [{"name": "Handover"}]),
        ("SELECT name FROM role WHERE name NOT LIKE '%a%' AND name NOT LIKE '%e%'", [{"name": "EDI 2019"}]),
        ("SELECT id FROM role WHERE id BETWEEN 2 AND 20 ORDER BY id DESC", [{"id": "15"}, {"id": "3"}]),
        (
            "SELECT LOWER(name) l, UPPER(name) u, SUBSTR(name, 1, 5) s FROM role WHERE id = 3",
            [{"l": "administrator", "u": "ADMINISTRATOR", "s": "Admin"}],
        ),
        ("SELECT NVL(supervisor, 0) boss FROM employee WHERE id = 1101", [{"boss": "0"}]),
        ("SELECT supervisor FROM employee WHERE id = 1101", [{}]),
        (
            "SELECT id FROM employee WHERE supervisor IS NULL AND id < 1103 ORDER BY id",
            [{"id": "1101"}, {"id": "1102"}],
        ),
        (
            "SELECT DISTINCT centertype c FROM role ORDER BY c",
            [{"c": "ACCOUNTCENTER"}, {"c": "BASIC"}, {"c": "EMPLOYEE"}],
        ),
        (
            "SELECT CASE WHEN id = 3 THEN 'admin' ELSE 'other' END k FROM role WHERE id IN ('3')",
            [{"k": "admin"}],
        ),
        ("SELECT id FROM role ORDER BY id FETCH FIRST 2 ROWS ONLY", [{"id": "3"}, {"id": "15"}]),
        ("SELECT * FROM (SELECT id FROM role ORDER BY id) WHERE ROWNUM <= 1", [{"id": "3"}]),
        ("SELECT id FROM role WHERE id = 3 OR NOT id <> 15 ORDER BY id", [{"id": "3"}, {"id": "15"}]),
        ("SELECT 'it''s' || ' ' || name t FROM role WHERE id = 3", [{"t": "it's Administrator"}]),
        (
            "SELECT name FROM role WHERE id = 3 UNION SELECT 'x' FROM dual",
            [{"name": "Administrator"}, {"name": "x"}],
        ),
        (
            "WITH a AS (SELECT id, name FROM role) SELECT a.name FROM a WHERE a.id = 3",
            [{"name": "Administrator"}],
        ),
        (
            "SELECT TO_CHAR(TO_DATE('2026-02-28', 'YYYY-MM-DD') + 1, 'DD.MM.YYYY') d FROM dual",
            [{"d": "01.03.2026"}],
        ),
        ("SELECT TO_DATE('2026-02-05', 'YYYY-MM-DD') d FROM dual", [{"d": "2/5/2026"}]),
        (
            "SELECT TO_CHAR(ADD_MONTHS(TO_DATE('2026-01-31', 'YYYY-MM-DD'), 1), 'YYYY-MM-DD') d FROM dual",
            [{"d": "2026-02-28"}],
        ),
        ("SELECT TRUNC(SYSDATE) - TRUNC(SYSDATE - 2) n FROM dual", [{"n": "2"}]),
        ("SELECT TOP 2 id FROM role ORDER BY id", [{"id": "3"}, {"id": "15"}]),
        ("-- all\n/* of it */ (SELECT id FROM role WHERE id = 3)", [{"id": "3"}]),
        ("SELECT 'a' || NULL || 'b' t FROM dual", [{"t": "ab"}]),
        (
            "SELECT id FROM (SELECT ROWNUM n, x.* FROM (SELECT id FROM role ORDER BY id DESC) x) WHERE n IN (2, 3)",
            [{"id": "1061"}, {"id": "1060"}],
        ),
        (
            "SELECT ABS(-3) a, SIGN(-3) s, FLOOR(2.5) f, CEIL(2.5) c, NVL2(NULL, 1, 2) n, NULLIF(1, 1) x FROM dual",
            [{"a": "3", "s": "-1", "f": "2", "c": "3", "n": "2"}],
        ),
        (
            "SELECT DECODE(1, 1, 'x', 'y') d, INSTR('abc', 'b') i, TRIM(' x ') t, REPLACE('aXb', 'X', 'y') r FROM dual",
            [{"d": "x", "i": "2", "t": "x", "r": "ayb"}],
        ),
        ("SELECT COUNT(l.date) n FROM loginaudit l WHERE TRUNC(l.date) > SYSDATE", [{"n": "0"}]),
        (
            "SELECT TRUNC(7 / 2) a, ROUND(7 / 2, 1) b, LENGTH(name) c FROM role WHERE id = 3",
            [{"a": "3", "b": "3.5", "c": "13"}],
        ),
        (
            "SELECT LISTAGG(name, '; ') WITHIN GROUP (ORDER BY name) l FROM role WHERE id = 3",
            [{"l": "Administrator"}],
        ),
        ('SELECT r."name" FROM role r WHERE r."id" = 3', [{"name": "Administrator"}]),
        (
            "SELECT r.id, (SELECT COUNT(*) FROM employeeroles x WHERE x.role = r.id) n FROM role r WHERE r.id = 1062",
            [{"id": "1062", "n": "1"}],
        ),
        ("SELECT a.id FROM role a, role b WHERE a.id = b.id(+) AND a.id = 3", [{"id": "3"}]),
    ],
)
async def test_the_language(netsuite: Running, text: str, rows: list[dict[str, str]]) -> None:
    """What queries are made of, by its result."""
    assert await netsuite.rows(text) == rows


async def test_the_facts_query_of_live_tokens(netsuite: Running) -> None:
    """Every live token with its person's state, names by BUILTIN.DF."""
    rows = await netsuite.rows(
        "SELECT t.id, t.tba_token_name, BUILTIN.DF(t.tba_app_name) app, t.entity_name eid, "
        "BUILTIN.DF(t.entity_name) person, t.role_name rid, BUILTIN.DF(t.role_name) role_, "
        "TO_CHAR(t.dcreated,'YYYY-MM-DD') created, e.isinactive, e.giveaccess, e.email "
        "FROM OAuthToken t LEFT JOIN employee e ON e.id = t.entity_name "
        "WHERE t.brevoked='F' AND t.binactive='F' ORDER BY t.id"
    )
    mine = next(row for row in rows if row["app"] == "NetSuite Connector")
    assert (mine["person"], mine["role_"], mine["email"], mine["isinactive"]) == (
        "Alice Doherty",
        CONNECTOR_ROLE,
        ALICE,
        "F",
    )
    assert "T" in {row["isinactive"] for row in rows}, (
        "a live token of an inactive person belongs to the estate"
    )


async def test_the_facts_query_of_who_an_integration_runs_as(netsuite: Running) -> None:
    """Grouped sign-ins name application, token, user, role and status."""
    rows = await netsuite.rows(
        "SELECT l.oAuthAppName app, l.oAuthAccessTokenName tok, l.user uid, l.role rid, l.status, "
        "MAX(TO_CHAR(l.date,'YYYY-MM-DD HH24:MI:SS')) last_, COUNT(l.user) n FROM LoginAudit l "
        "WHERE l.date >= SYSDATE-30 AND l.oAuthAppName IS NOT NULL "
        "GROUP BY l.oAuthAppName,l.oAuthAccessTokenName,l.user,l.role,l.status"
    )
    by_app = {(row["app"], row["status"]): row for row in rows}
    assert by_app["NetSuite Connector", "Success"]["uid"] == str(netsuite.employee(ALICE)["id"])
    assert "tok" not in by_app["Adaptive Planning", "Success"], "OAuth 2.0 rows have no token name"
    assert by_app["BlackLine reconciliation", "Failure"]["n"].isdigit()


async def test_dates_compare_with_the_accounts_format(netsuite: Running) -> None:
    """A text beside a date is read as MM/DD/YYYY or as an ISO day; anything else is refused."""
    for text in ("1/1/2020", "2020-01-01"):
        assert await netsuite.rows(f"SELECT COUNT(id) n FROM employee WHERE hiredate < '{text}'") != [
            {"n": "0"}
        ]
    answer = await netsuite.query("SELECT id FROM employee WHERE hiredate < 'yesterday'")
    assert answer.status == 400


async def test_hostile_names_come_through(netsuite: Running) -> None:
    """Names are what somebody typed, markup and all."""
    rows = await netsuite.rows("SELECT e.entityid n FROM employee e WHERE e.entityid LIKE '%<!channel>%'")
    assert rows == [{"n": '<!channel> Temp =HYPERLINK("http://x.example")'}]


@pytest.mark.parametrize(
    ("table", "permission"),
    [
        ("oauthtoken", "ADMI_MANAGE_OAUTH_TOKENS"),
        ("loginaudit", "ADMI_AUDITLOGIN"),
        ("integrationapp", "ADMI_INTEGRAPP"),
        ("role", "ADMI_MANAGEROLES"),
        ("rolepermissions", "ADMI_MANAGEROLES"),
        ("vendor", "LIST_VENDOR"),
        ("employee", "LIST_EMPLOYEE_RECORD"),
        ("transaction", "TRAN_SALESORD"),
    ],
)
async def test_tables_depend_on_the_role(netsuite: Running, table: str, permission: str) -> None:
    """Without its permission a table is said not to exist, as one that does not exist is."""
    held = netsuite.account.level(netsuite.role("Handover"), permission)
    await netsuite.done("role", role="Handover", permission=permission, level=0)
    answer = await netsuite.query(f"SELECT COUNT(*) n FROM {table}")
    await netsuite.done("role", role="Handover", permission=permission, level=held)
    assert (answer.status, answer.detail) == (400, f"{PREFIX}Record '{table}' was not found.")
    assert (await netsuite.query(f"SELECT COUNT(*) n FROM {table}")).status == 200


async def test_rest_and_workbook_permissions(own: Running) -> None:
    """Without REST Web Services or SuiteAnalytics Workbook the query service is closed: 403."""
    for permission in ("ADMI_RESTWEBSERVICES", "REPO_ANALYTICS"):
        await own.done("role", role="Handover", permission=permission, level=0)
        answer = await own.query("SELECT id FROM employee")
        assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSION")
        await own.done("role", role="Handover", permission=permission, level=4)


async def test_switched_tables(own: Running) -> None:
    """Integration records and role assignments may be out of a role's sight altogether."""
    own.switch(
        integrationapp_visible=False,
        role_assignments_visible=frozenset({"employeeroles"}),
        employee_dates_visible=False,
    )
    assert (await own.query("SELECT id FROM integrationapp")).status == 400
    assert (await own.query("SELECT role FROM EmployeeRolesForSearch")).status == 400
    assert (await own.query("SELECT role FROM employeeroles")).status == 200
    assert "Unknown identifier 'releasedate'" in (await own.query("SELECT releasedate FROM employee")).detail
    rows = await own.rows("SELECT e.rolesforsearch r FROM employee e WHERE e.id = 1110")
    assert rows[0]["r"] == "3, 1031, 1057"


async def test_system_notes_are_ones_own_without_the_permission(own: Running) -> None:
    """Everybody's changes with System Notes, else one's own."""
    everybody = await own.rows("SELECT DISTINCT s.name FROM SystemNote s")
    assert len(everybody) > 3
    await own.done("role", role="Handover", permission="LIST_SYSTEMNOTES", level=0)
    bot = own.employee(BOT)["id"]
    assert await own.rows("SELECT s.name FROM SystemNote s") == []
    await own.tba("PATCH", f"/services/rest/record/v1/employee/{bot}", json={"title": "Bot"})
    assert await own.rows("SELECT DISTINCT s.name, s.field, s.newvalue v FROM SystemNote s") == [
        {"name": str(bot), "field": "ENTITY.TITLE", "v": "Bot"}
    ]


async def test_set_by_on_the_newest_orders(own: Running) -> None:
    """Who posted an order stands in its System Notes: the token's user, or whoever typed it."""
    await own.done("order", times=2)
    await own.done("change", email="emre.sahin@larkspur.example")
    rows = await own.rows(
        "SELECT t.id, t.tranid, BUILTIN.DF(s.name) by_, BUILTIN.DF(s.role) role_, s.context FROM transaction t "
        "INNER JOIN SystemNote s ON s.recordid = t.id AND s.recordtypeid = -30 "
        "WHERE t.type = 'SalesOrd' AND s.field = 'TRANDOC.NKEY.CREATED' ORDER BY t.id DESC FETCH FIRST 3 ROWS ONLY"
    )
    assert [(row["by_"], row["context"]) for row in rows] == [
        ("Emre Şahin", "UIF"),
        ("Alice Doherty", "RST"),
        ("Alice Doherty", "RST"),
    ]
    contexts = await own.rows("SELECT c.id, c.name FROM systemNoteContextType c WHERE c.id = 'RST'")
    assert contexts == [{"id": "RST", "name": "REST Web Services"}]


async def test_own_tokens(own: Running) -> None:
    """UserOAuthToken shows the caller's tokens only, with User Access Tokens."""
    assert (await own.query("SELECT id FROM UserOAuthToken")).status == 400
    await own.done("role", role="Handover", permission="ADMI_MANAGE_OWN_OAUTH_TOKENS", level=1)
    assert await own.rows("SELECT tba_token_name n FROM UserOAuthToken") == [{"n": "Handover"}]


async def test_an_administrator_sees_everything(own: Running) -> None:
    """Whatever a table needs, the Administrator role has it."""
    keys = await own.new_keys(ADA, "Administrator")
    for table in ("oauthtoken", "useroauthtoken", "deletedrecord", "integrationapp"):
        assert (await own.query(f"SELECT COUNT(*) n FROM {table}", keys)).status == 200


async def test_rows_follow_changes(own: Running) -> None:
    """What a lever or another request changes is in the next query."""
    await own.done("delete", email=SHARED)
    assert await own.rows(f"SELECT id FROM employee WHERE email = '{SHARED}'") == []
    assert await own.rows("SELECT id FROM OAuthToken WHERE tba_token_name = 'AvaTax'") == []
    keys = await own.new_keys(ADA, "Administrator")
    assert await own.rows("SELECT d.name, d.type FROM deletedrecord d", keys) == [
        {"name": "Integration Account", "type": "Employee"}
    ]
    await own.done("integration", application="Fivetran ELT", do="delete")
    rows = await own.rows(
        "SELECT t.brevoked r, BUILTIN.DF(t.tba_app_name) app FROM OAuthToken t WHERE t.tba_token_name = 'fivetran'"
    )
    assert rows == [{"r": "T"}]


async def test_time_zone_of_the_account(own: Running) -> None:
    """Dates are wall-clock time of the account's zone, SYSDATE too."""
    text = "SELECT TO_CHAR(t.dcreated, 'YYYY-MM-DD HH24:MI:SS') d FROM OAuthToken t WHERE t.id = 201"
    utc = (await own.rows(text))[0]["d"]
    own.switch(time_zone="Asia/Kolkata")
    assert (await own.rows(text))[0]["d"] != utc
    assert await own.rows("SELECT COUNT(l.date) n FROM LoginAudit l WHERE l.date > SYSDATE") == [{"n": "0"}]


async def test_keyset_paging(own: Running) -> None:
    """`id > last ORDER BY id FETCH FIRST n` walks a table in steps of n."""
    await own.done("generate", employees=250)
    last, seen = 0, 0
    while True:
        rows = await own.rows(
            f"SELECT e.id FROM employee e WHERE e.id > {last} ORDER BY e.id FETCH FIRST 100 ROWS ONLY"
        )
        seen += len(rows)
        if len(rows) < 100:
            break
        last = int(rows[-1]["id"])
    assert seen == len(own.account["employee"])


async def test_the_reported_zero_count(own: Running) -> None:
    """COUNT(*) FROM loginaudit was seen to be 0 while rows existed; a switch plays that."""
    assert await own.rows("SELECT COUNT(*) n FROM loginaudit") != [{"n": "0"}]
    own.switch(loginaudit_count_star_is_zero=True)
    assert await own.rows("SELECT COUNT(*) n FROM loginaudit") == [{"n": "0"}]
    assert await own.rows("SELECT COUNT(l.status) n FROM loginaudit l") != [{"n": "0"}]


async def test_a_hundred_thousand_rows_are_the_end(own: Running) -> None:
    """Beyond 100,000 rows nothing is shown, and totalResults stops there."""
    await own.done("generate", audit_rows=100_500)
    answer = await own.query("SELECT l.user FROM LoginAudit l ORDER BY l.date", limit=1000, offset=99_000)
    assert (answer.body["totalResults"], answer.body["hasMore"], answer.body["count"]) == (
        100_000,
        False,
        1000,
    )


async def test_consumer_secrets_are_nowhere(netsuite: Running) -> None:
    """No table shows a secret, a Token ID or a key."""
    keys: Keys = netsuite.keys
    for table in ("oauthtoken", "integrationapp", "loginaudit", "systemnote"):
        shown = str((await netsuite.query(f"SELECT * FROM {table}")).body)
        for secret in (keys.consumer_key, keys.consumer_secret, keys.token_id, keys.token_secret):
            assert secret not in shown
