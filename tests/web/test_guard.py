from __future__ import annotations

import http.client
import json
import logging
import re
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from screen import wait_for

TOKEN = "correct-horse-battery"

HANDSHAKE = [
    "GET /ws HTTP/1.1",
    "Host: localhost",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
]


def exchange(port: int, data: bytes, seconds: float = 20) -> bytes:
    """Send *data* as it is; return all that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        connection.settimeout(seconds)
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "localhost:8470"}, 200),
        ({"Host": "[::1]:8470"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8470"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Host": "192.0.2.7"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "[::1"}, 421),
        ({"Host": "localhost", "Origin": "http://localhost"}, 200),
        ({"Host": "localhost", "Origin": "http://evil.example"}, 403),
        ({"Host": "localhost", "Origin": "null"}, 403),
        ({"Host": "localhost", "Origin": "http://localhost:1"}, 403),
        ({"Host": "localhost", "Origin": "http://[bad"}, 403),
        ({"Host": "localhost", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Host": "localhost", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),
        ({"Host": "localhost", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Host": "localhost", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/api/state", "/health"])
def test_other_sites_and_bent_names_are_refused(
    site: Any, path: str, headers: dict[str, str], status: int
) -> None:
    answer = site.ask(path, **{name.replace("-", "_"): value for name, value in headers.items()})
    assert answer.status == status, answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_socket_for_another_site_is_refused(site: Any) -> None:
    lines = [*HANDSHAKE, "Origin: https://evil.example", "Connection: close", "", ""]
    assert exchange(site.port, "\r\n".join(lines).encode()).startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("host", ["127.0.0.1:8470", "paint.example.org", "Paint.Example.Org:8443"])
def test_a_proxy_may_lead_here(open_site: Callable[..., Any], host: str) -> None:
    """Proxies ask for their own name, or for that of where they lead."""
    site = open_site(names=("paint.example.org",))
    ours, theirs = "https://paint.example.org", "https://paint.example.org.evil.example"
    assert site.ask("/api/set", {}, Host=host, Origin=ours).status == 200
    assert site.ask("/api/set", {}, Host=host, Origin=f"{ours}:8443").status == 200
    assert site.ask("/api/set", {}, Host=host, Origin=theirs).status == 403
    assert site.ask("/api/set", {}, Host=host, Origin=ours, Sec_Fetch_Site="same-site").status == 403
    assert site.ask("/api", Host="other.example.org").status == 421


@pytest.mark.parametrize(
    ("name", "asked"),
    [("Bücher.example", "xn--bcher-kva.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example")],
)
def test_a_proxy_may_have_a_name_that_is_not_ascii(
    open_site: Callable[..., Any], name: str, asked: str
) -> None:
    site = open_site(names=(name,))
    assert site.ask("/api/set", {}, Host=asked, Origin=f"https://{asked}").status == 200
    assert site.ask("/api/set", {}, Host="127.0.0.1", Origin=f"https://{asked}").status == 200
    assert site.ask("/api", Host="xn--strae-oqa.example").status == 421


@pytest.mark.parametrize("opened", [False, True])
def test_a_page_that_is_gone_is_no_failure(site: Any, caplog: pytest.LogCaptureFixture, opened: bool) -> None:
    assert site.ask("/snapshot.png").status == 200  # it is being painted
    nonsense = bytes([0x81, 0x80 + 8, 0, 0, 0, 0]) + b"nonsense"  # a text, masked with zeros
    with socket.create_connection(("127.0.0.1", site.port), 20) as connection:
        connection.sendall("\r\n".join([*HANDSHAKE, "", ""]).encode())
        if opened:
            assert connection.recv(12) == b"HTTP/1.1 101"
            connection.sendall(nonsense)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    wait_for(lambda: site.ask("/api/state").json["viewers"] == 0)
    assert caplog.text == ""


@pytest.mark.parametrize("path", ["/api/set", "/api/camera"])
def test_what_a_form_can_send_is_refused(site: Any, path: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert site.ask(path, b'{"strength": 0}', Content_Type=kind).status == 415
    assert site.ask(path, {"strength": 0}, Origin="http://evil.example").status == 403
    assert site.ask("/api/state").json["controls"]["strength"] == 1.0


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        ({}, 'must hold the text "sdp"'),
        ({"sdp": "x" * 40_000}, 'must hold the text "sdp"'),
        ({"sdp": "m=audio 9"}, "one video"),
        ({"sdp": "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"}, "the offer is none of a camera"),
        ({"sdp": "m=video nonsense"}, "the offer is none of a camera"),
        ({"sdp": "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "width": 10**9}, "width and height"),
        ({"sdp": "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "width": "1"}, "width and height"),
    ],
)
def test_offers_that_are_none_are_refused(
    open_site: Callable[..., Any], offer: dict[str, Any], text: str
) -> None:
    site = open_site()
    answer = site.ask("/api/camera", offer)
    assert answer.status == 400 and text in answer.json["error"]
    assert [source["name"] for source in site.ask("/api/state").json["sources"]] == ["pattern"]


def test_offers_and_cameras_are_counted(open_site: Callable[..., Any]) -> None:
    site = open_site(cameras=0)
    offer = {"sdp": "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"}
    answers = [site.ask("/api/camera", offer) for _ in range(15)]
    assert answers[0].status == 503 and "takes no cameras" in answers[0].json["error"]
    assert answers[-1].status == 429 and "too many cameras offered" in answers[-1].json["error"]


def test_changes_are_counted(open_site: Callable[..., Any]) -> None:
    site = open_site()
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    for _ in range(500):
        connection.request("POST", "/api/set", b"{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = json.load(answer)
        if answer.status != 200:
            break
    connection.close()
    assert answer.status == 429 and "50 a second are allowed" in told["error"]
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /?token=" + TOKEN.encode() + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 1000 + b"\r\n", 400),
        (b"GET /?token=" + TOKEN.encode() + b" HTTP/9.9.9\r\nHost: localhost\r\n\r\n", 400),
        (b"G@T /?token=" + TOKEN.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_oversized_and_broken_requests_are_refused_and_not_repeated(
    site: Any, caplog: pytest.LogCaptureFixture, request_bytes: bytes, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = exchange(site.port, request_bytes)
    assert re.match(rb"HTTP/1.[01] %d " % status, answer)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert b"nosniff" in answer and b"aiohttp" not in answer
    assert TOKEN.encode() not in answer and TOKEN not in caplog.text
    assert site.ask("/health").json == {"ok": True}


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "nonsense"])
@pytest.mark.parametrize("path", ["/health", "/api/set"])
def test_encoded_bodies_are_refused(
    site: Any, caplog: pytest.LogCaptureFixture, path: str, encoding: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Encoding: {encoding}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
    answer = exchange(site.port, head.encode() + b"xxxx")
    assert answer.startswith(b"HTTP/1.1 415") and b"without Content-Encoding" in answer
    assert site.ask("/health").status == 200
    assert caplog.text == ""


def test_who_dawdles_is_sent_away(open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    monkeypatch.setattr("livestyle.web.doors.IDLE_SECONDS", 1.0)
    monkeypatch.setattr("livestyle.web.problems.BODY_SECONDS", 1.0)
    site = open_site()
    started = time.monotonic()
    assert exchange(site.port, b"") == b""
    assert exchange(site.port, b"GET /health HTTP/1.1\r\nHost: loc") == b""
    head = b"POST /api/set HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    late = exchange(site.port, head + b"Content-Length: 50\r\nConnection: close\r\n\r\n{")
    assert late.startswith(b"HTTP/1.1 400") and b"did not come within" in late
    assert time.monotonic() - started < 15
    assert site.ask("/health").status == 200


def test_who_reads_nothing_is_sent_away_and_who_reads_slowly_is_not(
    open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    monkeypatch.setattr("livestyle.web.conversation.UNREAD_SECONDS", 1.0)
    monkeypatch.setattr("livestyle.web.conversation.SEND_BUFFER", 4096)
    site = open_site()
    ask = b"GET /static/studio.js HTTP/1.1\r\nHost: localhost\r\n"
    with socket.socket() as deaf, socket.socket() as slow:
        for connection in (deaf, slow):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.settimeout(5)
            connection.connect(("127.0.0.1", site.port))
        slow.sendall(ask + b"Connection: close\r\n\r\n")
        deaf.sendall((ask + b"\r\n") * 20)
        answer = b""
        started = time.monotonic()
        while part := slow.recv(400):
            answer += part
            time.sleep(0.1)
        assert time.monotonic() - started > 3
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"Content-Length: %d" % len(body) in head
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            for _ in range(2):
                deaf.sendall(ask + b"\r\n")


def test_everywhere_is_ipv4_and_ipv6(open_site: Callable[..., Any]) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6")
    site = open_site(host="::")
    for address in ("127.0.0.1", "::1"):
        connection = http.client.HTTPConnection(address, site.port, timeout=20)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        connection.close()


def test_connections_are_counted(open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    monkeypatch.setattr("livestyle.web.doors.MOST_CONNECTIONS", 8)
    site = open_site()
    idle = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(8)]
    time.sleep(0.3)
    with pytest.raises(OSError):
        site.ask("/health")
    for connection in idle:
        connection.close()
    time.sleep(0.3)
    assert site.ask("/health").status == 200


def test_the_token_opens_and_nothing_else(open_site: Callable[..., Any]) -> None:
    site = open_site(token=TOKEN)
    assert site.ask("/health").status == 200
    for path in (
        "/",
        "/overlay",
        "/mjpeg",
        "/snapshot.png",
        "/api",
        "/metrics",
        "/static/studio.js",
        "/nowhere",
    ):
        assert site.ask(path).status == 401
    assert site.ask("/api/set", {"strength": 0.5}).status == 401
    assert site.ask("/api/state?token=wrong").status == 401
    assert site.ask(f"/api/state?token={TOKEN}").status == 200
    assert site.ask("/api/state", Authorization=f"Bearer {TOKEN}").status == 200

    strange = (
        b"GET /api HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\r\nConnection: close\r\n\r\n"
    )
    assert exchange(site.port, strange).startswith(b"HTTP/1.1 401")

    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    connection.request("GET", f"/overlay?fit=cover&token={TOKEN}&style=candy")
    moved = connection.getresponse()
    moved.read()
    assert moved.status == 303 and moved.headers["Location"] == "/overlay?fit=cover&style=candy"
    cookie = moved.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert site.ask("/overlay", Cookie=cookie.partition(";")[0]).status == 200
    connection.close()


def test_the_name_that_a_server_is_bound_to_is_its_own() -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    from livestyle.web.guard import Guard

    assert Guard("studio.example.org", "a token")._is_ours("Studio.example.org:8470")
    assert not Guard("studio.example.org", "a token")._is_ours("example.org:8470")
