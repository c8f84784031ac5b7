"""Who knows the token, and who is told of it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from signals import SENT

from livestyle.errors import UsageError
from livestyle.settings import ServeSettings

TOKEN = "correct-horse-battery"


def test_the_cookie_stays_encrypted_where_a_proxy_encrypts(open_site: Callable[..., Any]) -> None:
    site = open_site(token=TOKEN)
    for told, secure in ((None, False), ("https", True), ("https, http", True), ("http, https", False)):
        headers = {"X-Forwarded-Proto": told} if told else {}
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        connection.request("GET", f"/?token={TOKEN}", headers=headers)
        assert ("Secure" in connection.getresponse().headers["Set-Cookie"]) == secure
        connection.close()


def test_wrong_tokens_of_others_lock_nobody_out(open_site: Callable[..., Any]) -> None:
    """Behind a proxy all have one address."""
    site = open_site(token=TOKEN)
    assert {site.ask(f"/api?token={number}").status for number in range(40)} == {401}
    assert site.ask(f"/api?token={TOKEN}").status == 200


def test_programs_are_told_how_to_send_the_token(open_site: Callable[..., Any]) -> None:
    site = open_site(token=TOKEN)
    refused = site.ask("/api")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer" in refused.json["error"] and "token=" in refused.json["error"]
    assert site.ask("/api", Authorization=f"bearer {TOKEN}").status == 200
    assert site.ask("/api", Authorization=f"Basic {TOKEN}").status == 401


def test_cookies_of_two_servers_on_one_host_do_not_meet(open_site: Callable[..., Any]) -> None:
    site = open_site(token=TOKEN)
    others = "livestyle-token=the-one-of-before; livestyle-token-1=the-one-of-another"
    assert site.ask("/api", Cookie=f"{others}; livestyle-token-{site.port}={TOKEN}").status == 200
    assert site.ask("/api", Cookie=f"livestyle-token-1={TOKEN}").status == 401
    assert site.ask("/api", Cookie=f"livestyle-token={TOKEN}", Host="localhost").status == 200


@SENT
def test_serving_a_network_prints_a_token_and_tells_it_nobody_else(tmp_path: Path) -> None:
    pytest.importorskip("segno", reason="livestyle[web] is not installed")
    command = [sys.executable, "-m", "livestyle", "--debug", "serve", "--host", "0.0.0.0", "--port", "0"]
    environment = {**os.environ, "LIVESTYLE_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [*command, "--https", "--camera", "pattern"], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr
    try:
        for line in process.stderr:
            if found := re.search(r"open (https://[^ ]+:(\d+)/)\?token=(\S+)", line):
                break
        _, port, token = found.groups()  # type: ignore[union-attr]
        plain, _, rest = process.stderr.readline().partition("/overlay?fit=cover&token=")
        assert rest.strip() == token
        obs = plain[plain.index("http://127.0.0.1:") :]  # trusts no certificate made here
        with urllib.request.urlopen(f"{obs}/api?token={token}", timeout=20) as answer:
            told = json.load(answer)
        assert (told["locked"], told["plain"]) == (True, obs)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{obs}/api", timeout=20)
        trust = ssl._create_unverified_context()  # it is our own
        local = f"https://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{local}/api/state?token={token}", context=trust, timeout=20) as answer:
            assert json.load(answer)["source"] == "pattern"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{local}/api/state", context=trust, timeout=20)
        bent = urllib.request.Request(f"{local}/api/state?token={token}", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="421"):
            urllib.request.urlopen(bent, context=trust, timeout=20)
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        process.stderr.close()
        assert process.wait(20) == 130
    assert token not in rest
    kept = tmp_path / "web" / "certificate.pem"
    assert kept.stat().st_mode & 0o077 == 0


@SENT
def test_a_given_token_is_not_printed(tmp_path: Path) -> None:
    pytest.importorskip("segno", reason="livestyle[web] is not installed")
    environment = {**os.environ, "LIVESTYLE_HOME": str(tmp_path), "LIVESTYLE_TOKEN": TOKEN}
    command = [sys.executable, "-m", "livestyle", "serve", "--host", "0.0.0.0", "--port", "0"]
    command += ["--camera", "pattern"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr
    lines = [process.stderr.readline(), process.stderr.readline()]
    process.send_signal(signal.SIGTERM)
    lines.append(process.stderr.read())
    process.stderr.close()
    assert process.wait(20) == 143
    assert "open http://" in lines[0] and "/overlay?fit=cover" in lines[1]
    assert TOKEN not in "".join(lines)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("short", "12 characters or more"),
        ("with space in it", "letters, digits"),
        ("ünïcödé-tökén", "letters"),
    ],
)
def test_a_token_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch, token: str, words: str) -> None:
    pytest.importorskip("segno", reason="livestyle[web] is not installed")
    from livestyle.web.invite import choose_token

    monkeypatch.setenv("LIVESTYLE_TOKEN", token)
    for host in ("0.0.0.0", "127.0.0.1"):
        with pytest.raises(UsageError, match=words):
            choose_token(ServeSettings(host))


def test_a_token_is_asked_for_where_others_come_or_one_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("segno", reason="livestyle[web] is not installed")
    from livestyle.web.invite import choose_token

    monkeypatch.delenv("LIVESTYLE_TOKEN", raising=False)
    assert [choose_token(ServeSettings(host)) for host in ("127.0.0.1", "localhost", "::1")] == [""] * 3
    assert len(choose_token(ServeSettings("0.0.0.0"))) > 20
    assert len(choose_token(ServeSettings(names=("paint.example.org",)))) > 20
    monkeypatch.setenv("LIVESTYLE_TOKEN", TOKEN)
    assert choose_token(ServeSettings()) == TOKEN


def test_who_opens_a_page_without_the_token_reads_why_and_an_overlay_stays_clear(
    open_site: Callable[..., Any],
) -> None:
    site = open_site("a-token-of-today")
    studio, overlay = (site.ask(f"{path}?token=yesterday") for path in ("/", "/overlay"))
    for answer in (studio, overlay):
        assert answer.status == 401 and answer.headers["Content-Type"].startswith("text/html")
        assert b"<title>the token is missing or wrong" in answer.body
    assert b"<p>" in studio.body and b"<p>" not in overlay.body
    assert site.ask("/api/state").json["error"].startswith("the token")
