"""The HTTP factory, against servers on real sockets."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
import stamina
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.errors import ConfigError, OutcomeUnknown, PlatformError, ProtocolChanged, RateLimited, Unreachable
from bot.platform import http
from bot.platform.http.client import USER_AGENT
from bot.platform.http.failures import retry_after_s

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def retries_as_in_production() -> Iterator[None]:
    was = stamina.is_active()
    stamina.set_active(True)
    yield
    stamina.set_active(was)


class Server:
    """A bare HTTP/1.1 server: counts the requests it has read whole, and lets the test write the answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.heads: list[str] = []
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                for line in head.split("\r\n"):
                    if line.lower().startswith("content-length:"):
                        await reader.readexactly(int(line.split(":")[1]))
                self.heads.append(head)
                await self._answer(head, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server, "127.0.0.1", 0, ssl=tls)
    port = listener.sockets[0].getsockname()[1]
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listener.close()


def reply(status: int = 200, body: bytes = b"{}", headers: str = "", delay_s: float = 0.0) -> Answer:
    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(delay_s)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)
        await writer.drain()

    return answer


async def hang_up(head: str, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def never(head: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def failure(url: str, *, wrote: bool, read_s: float = 60.0) -> PlatformError:
    """The error of one request to ``url``, translated."""
    async with http.client(url, connection="crm:prod", read_s=read_s) as client:
        with (
            pytest.raises(PlatformError) as caught,
            http.translating(connection="crm:prod", operation="mint a token", wrote=wrote),
        ):
            await client.post("/tokens", json={"secret": "s3cr3t-body"}) if wrote else await client.get(
                "/tokens"
            )
    assert caught.value.connection == "crm:prod"
    assert caught.value.operation == "mint a token"
    assert "s3cr3t" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://10.0.0.1:8080",
        "http://localhost.example.com",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://user:pass@example.com",
        "https://example.com:port",
    ],
)
def test_addresses_that_would_leak_or_lead_nowhere_stop_the_boot(url: str) -> None:
    """Plain http leaves this machine for nobody, and a base URL holds no password."""
    with pytest.raises(ConfigError) as caught:
        http.client(url, connection="crm:prod")
    assert "crm:prod" in caught.value.hint
    assert "pass@" not in caught.value.hint


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://example.com"]
)
async def test_tls_and_loopback_are_accepted(url: str) -> None:
    """A stand-in on this machine needs no TLS."""
    await http.client(url, connection="crm:prod").aclose()


async def test_a_vendor_cannot_talk_us_out_of_tls() -> None:
    """An absolute plain-http address in an answer (a next page, say) is refused before anything is sent."""
    async with serving(reply()) as server, http.client(server.url, connection="crm:prod") as client:
        with (
            pytest.raises(Unreachable, match="not a valid https URL"),
            http.translating(connection="crm:prod", operation="next page", wrote=True),
        ):
            await client.get("http://198.51.100.7/next")


async def test_the_pool_survives_cancellation() -> None:
    """However many requests are cancelled half-way, later ones find a free socket."""
    async with (
        serving(reply(delay_s=0.02)) as server,
        http.client(server.url, connection="crm:prod", max_connections=4, pool_s=2.0) as client,
    ):

        async def churn(n: int) -> None:
            for i in range(60):
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.001 * ((n * 7 + i * 3) % 40)):
                        await client.get("/")

        async with asyncio.TaskGroup() as group:
            for n in range(12):
                group.create_task(churn(n))
        answers = await asyncio.gather(*(client.get("/") for _ in range(8)))
    assert [a.status_code for a in answers] == [200] * 8


async def test_a_socket_held_by_an_unread_answer_is_a_pool_time_out() -> None:
    """Waiting for our own pool means the request was never sent, so even a write did not happen."""
    async with serving(never) as server:
        async with http.client(server.url, connection="crm:prod", max_connections=1, pool_s=0.1) as client:
            blocker = asyncio.create_task(client.get("/"))
            await asyncio.sleep(0.1)
            with (
                pytest.raises(Unreachable, match="stayed busy"),
                http.translating(connection="crm:prod", operation="mint", wrote=True),
            ):
                await client.post("/")
            blocker.cancel()
            await asyncio.gather(blocker, return_exceptions=True)
        assert len(server.heads) == 1


async def test_closed_after_reading_a_write_is_an_unknown_outcome() -> None:
    """A server that read the whole request and then hung up may have carried it out."""
    async with serving(hang_up) as server:
        error = await failure(server.url, wrote=True)
        assert len(server.heads) == 1
    assert type(error) is OutcomeUnknown


async def test_a_write_that_times_out_is_an_unknown_outcome() -> None:
    """No answer in time says nothing about what the server did."""
    async with serving(never) as server:
        error = await failure(server.url, wrote=True, read_s=0.1)
    assert type(error) is OutcomeUnknown
    assert "did not answer in time" in error.hint


async def test_an_answer_cut_short_is_an_unknown_outcome_for_a_write() -> None:
    """Half an answer to a write is no answer."""

    async def half(head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    async with serving(half) as server:
        assert type(await failure(server.url, wrote=True)) is OutcomeUnknown
        assert type(await failure(server.url, wrote=False)) is Unreachable


async def test_a_read_that_fails_is_only_unreachable() -> None:
    """A read has no outcome to be unsure of."""
    async with serving(hang_up) as server:
        assert type(await failure(server.url, wrote=False)) is Unreachable
    async with serving(never) as server:
        assert type(await failure(server.url, wrote=False, read_s=0.1)) is Unreachable


async def test_a_refused_connection_was_never_sent() -> None:
    """Nobody listening means that a write certainly did not happen."""
    async with serving(reply()) as server:
        url = server.url
    error = await failure(url, wrote=True)
    assert type(error) is Unreachable
    assert "refused" in error.hint


async def test_an_unknown_name_was_never_sent() -> None:
    """A name that does not resolve is said to be that, and a write certainly did not happen."""
    error = await failure("https://no-such-host.invalid", wrote=True)
    assert type(error) is Unreachable
    assert "name could not be resolved" in error.hint


async def test_bytes_that_do_not_decode_are_a_changed_protocol() -> None:
    """An answer that lies about its encoding fails the scan whole; after a write it proves nothing."""
    async with serving(reply(body=b"not gzip", headers="Content-Encoding: gzip\r\n")) as server:
        assert type(await failure(server.url, wrote=False)) is ProtocolChanged
        assert type(await failure(server.url, wrote=True)) is OutcomeUnknown


@pytest.fixture
def server_tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own making, and a client's context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return server, ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))


async def test_a_certificate_nobody_vouches_for_is_refused(
    server_tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """TLS is always checked: nothing is sent, it is not tried again, and the reason is in the hint."""
    server_side, trusting = server_tls
    async with serving(reply(), server_side) as server:
        error = await failure(server.url, wrote=True)
        assert type(error) is Unreachable
        assert "certificate was not accepted" in error.hint
        began = asyncio.get_running_loop().time()
        with pytest.raises(Unreachable):
            await attempts_at(server, raising=False, attempts=100)
        assert asyncio.get_running_loop().time() - began < 5  # a hundred attempts take minutes
        assert server.heads == []
        async with http.client(server.url, connection="crm:prod", verify=trusting) as client:
            assert (await client.get("/")).status_code == 200


async def test_the_environment_sends_us_through_no_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HTTP_PROXY, ALL_PROXY and .netrc change nothing about where tokens go."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password somewhere\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with serving(reply()) as proxy, serving(reply()) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with http.client(server.url, connection="crm:prod") as client:
            await client.get("/")
        assert proxy.heads == []
        assert "authorization" not in server.heads[0].lower()


async def test_requests_say_who_asks() -> None:
    """Vendors see our name and version, the one in pyproject.toml."""
    async with serving(reply()) as server, http.client(server.url, connection="crm:prod") as client:
        await client.get("/")
        assert f"User-Agent: {USER_AGENT}" in server.heads[0].split("\r\n")
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert f"Handover/{project['version']}" == USER_AGENT


async def test_redirects_are_not_followed() -> None:
    """A token meant for one host is not carried to another."""
    async with serving(reply()) as other:
        async with (
            serving(reply(307, headers=f"Location: {other.url}/\r\n")) as server,
            http.client(server.url, connection="crm:prod") as client,
        ):
            assert (await client.post("/")).status_code == 307
        assert other.heads == []


async def test_nothing_confidential_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a URL's query nor a header reaches the log, whatever the root level is."""
    with caplog.at_level(logging.DEBUG):
        async with serving(reply(headers="Set-Cookie: sid=planted-cookie\r\n")) as server:
            headers = {"Authorization": "Bearer planted-token"}
            async with http.client(server.url, connection="crm:prod") as client:
                answer = await client.get("/?key=planted-query", headers=headers)
    seen = caplog.text + repr(client) + repr(answer) + repr(answer.request.headers)
    assert "planted" not in seen


async def attempts_at(server: Server, *, raising: bool, attempts: int = 4) -> int:
    """How many requests one read makes of ``server``, by status error or by ``unavailable``."""
    before = len(server.heads)
    async with http.client(server.url, connection="crm:prod") as client:
        async for attempt in http.reads(connection="crm:prod", operation="list", attempts=attempts):
            with attempt, http.translating(connection="crm:prod", operation="list", wrote=False):
                answer = await client.get("/")
                if raising:
                    answer.raise_for_status()
                error = http.unavailable(answer, connection="crm:prod", operation="list", wrote=False)
                if error:
                    raise error
    return len(server.heads) - before


def first(bad: Answer, times: int) -> Answer:
    """``bad`` for the first ``times`` requests, then 200."""
    left = [times]

    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        left[0] -= 1
        await (bad if left[0] >= 0 else reply())(head, writer)

    return answer


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_busy_server_is_asked_again(status: int) -> None:
    """Reads are tried again for exactly 429, 502, 503 and 504, after what Retry-After says."""
    for raising in (False, True):
        async with serving(first(reply(status, headers="Retry-After: 0\r\n"), 2)) as server:
            assert await attempts_at(server, raising=raising) == 3


async def test_a_dropped_connection_is_tried_again() -> None:
    """A read that broke off costs nothing to repeat."""
    async with serving(first(hang_up, 2)) as server:
        assert await attempts_at(server, raising=False) == 3


@pytest.mark.parametrize("status", [500, 400, 401, 403, 404])
async def test_other_statuses_are_not_tried_again(status: int) -> None:
    """Asking the same again brings the same; what it means is the vendor's table's to say."""
    async with serving(first(reply(status), 1)) as server:
        with pytest.raises(PlatformError):
            await attempts_at(server, raising=True)
        assert len(server.heads) == 1


async def test_retry_after_is_waited_out() -> None:
    """The next attempt comes no sooner than the server asked."""
    async with serving(first(reply(429, headers="Retry-After: 1\r\n"), 1)) as server:
        began = asyncio.get_running_loop().time()
        await attempts_at(server, raising=False)
        assert asyncio.get_running_loop().time() - began >= 1.0


async def test_patience_has_a_ceiling() -> None:
    """A server that wants a longer rest than we wait gets it: one request, and the error says how long."""
    async with serving(reply(429, headers="Retry-After: 3600\r\n")) as server:
        with pytest.raises(RateLimited) as caught:
            await attempts_at(server, raising=False)
        assert caught.value.retry_after_s == 3600
        assert len(server.heads) == 1


async def test_attempts_are_counted() -> None:
    """After the last attempt its own error leaves."""
    async with serving(reply(503, headers="Retry-After: 0\r\n")) as server:
        with pytest.raises(Unreachable, match="503"):
            await attempts_at(server, raising=False, attempts=3)
        assert len(server.heads) == 3


async def test_retries_can_be_switched_off() -> None:
    """Tests and benchmarks see the first failure."""
    stamina.set_active(False)
    async with serving(reply(503)) as server:
        with pytest.raises(Unreachable):
            await attempts_at(server, raising=False)
        assert len(server.heads) == 1


async def test_a_busy_answer_to_a_write() -> None:
    """429 refuses a write for certain; a gateway's 5xx leaves it unknown; other statuses are the vendor's."""
    expected = {429: RateLimited, 502: OutcomeUnknown, 503: OutcomeUnknown, 504: OutcomeUnknown}
    for status in (200, 400, 401, 403, 404, 409, 429, 500, 502, 503, 504):
        async with serving(reply(status)) as server, http.client(server.url, connection="crm:prod") as client:
            answer = await client.post("/")
        error = http.unavailable(answer, connection="crm:prod", operation="mint", wrote=True)
        assert type(error) is expected.get(status, type(None))


def test_both_forms_of_retry_after() -> None:
    """Seconds or a date; what is neither is no wait at all, and the past is zero."""
    soon = datetime.now(UTC) + timedelta(seconds=100)
    assert retry_after_s("7") == 7.0
    assert 90 < (retry_after_s(format_datetime(soon, usegmt=True)) or 0) <= 100
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert [retry_after_s(odd) for odd in ("", "soon", "-3")] == [None] * 3


async def test_a_cancelled_request_stays_cancelled() -> None:
    """Shutting down is not a platform error."""
    async with serving(never) as server, http.client(server.url, connection="crm:prod") as client:

        async def ask() -> None:
            with http.translating(connection="crm:prod", operation="mint", wrote=True):
                await client.post("/")

        task = asyncio.create_task(ask())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_httpx_itself_is_the_type() -> None:
    """Adapters may annotate with the types that ``bot.platform.http`` hands on."""
    assert http.AsyncClient is httpx.AsyncClient
