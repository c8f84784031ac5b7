from __future__ import annotations

import gc
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import serve_site, write_random_style
from screen import wait_for
from signals import SENT

from livestyle.errors import UsageError
from livestyle.sources.landscape import Landscape
from livestyle.sources.pattern import PatternSource
from livestyle.styles.style import Style, write_style
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.web.feed import Feed


def test_the_index_tells_every_route_and_control(site: Any) -> None:
    from livestyle.web.api import ROUTES

    told = site.ask("/api").json
    assert [(row["method"], row["path"]) for row in told["routes"]] == [(r.method, r.path) for r in ROUTES]
    assert (told["locked"], told["plain"]) == (False, "")
    strength = next(row for row in told["controls"] if row["name"] == "strength")
    assert strength["kind"] == "number" and (strength["low"], strength["high"]) == (0.0, 1.0)


def test_nothing_reads_a_source_once_the_server_is_stopped(tiny_style: Style) -> None:
    """A thread that is within OpenCV when Python ends makes it abort."""
    site = serve_site(tiny_style)
    (feed,) = site.studio.feeds.values()
    with urllib.request.urlopen(f"{site.address}/mjpeg") as pictures:
        assert pictures.read(100)
        reader = feed._reader
        site.close()
    assert reader is not None and not reader.is_alive()


def test_a_snapshot_is_painted(site: Any) -> None:
    answer = site.ask("/snapshot.png")
    assert answer.status == 200 and answer.headers["Content-Type"] == "image/png"
    pixels = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert pixels.shape == (72, 128, 3)
    assert np.abs(pixels.astype(float) - Landscape(128, 72).draw(0.0)).mean() > 10


def test_controls_act_on_the_picture(site: Any) -> None:
    assert site.ask("/api/set", {"strength": 0}).json["controls"]["strength"] == 0
    assert site.ask("/api/state").json["controls"]["strength"] == 0
    scene = Landscape(128, 72)

    def shows_the_scene() -> bool:
        body = site.ask("/snapshot.png").body
        pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR_RGB).astype(float)
        return min(np.abs(pixels - scene.draw(index / 2)).mean() for index in range(120)) < 6

    wait_for(shows_the_scene)
    site.ask("/api/set", {"strength": 1.0})


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"strength": 2}, 400, "strength must be between 0.0 and 1.0"),
        ({"strength": "much"}, 400, "strength must be a number"),
        ({"strength": True}, 400, "strength must be a number"),
        ({"strenght": 1}, 404, "did you mean 'strength'?"),
        ({"style": "/etc/passwd"}, 404, "no style named '/etc/passwd'"),
        ({"style": "../candy.safetensors"}, 404, "no style named"),
        ({"style": "candy:0.5,/etc/passwd:0.5"}, 404, "no style named '/etc/passwd'"),
        ({"style": "candy:1," * 130 + "/etc/passwd:1"}, 404, "no style named"),
        ({"style": "candy:1,candy:1,candy:1,candy:1,candy:1"}, 400, "4 styles at most, not 5"),
        ({"style": "candy:1,"}, 400, "cannot read ''"),
        ({"background": "/etc/passwd", "cutout": "person"}, 404, "no background named"),
        ({"tier": "huge"}, 404, "no tier named 'huge'"),
        ({"tier": "hq", "style": "candy"}, 400, "candy' is not there in tier 'hq'"),
        (b"[1]", 400, "must be a JSON object"),
        (b"{", 400, "not JSON"),
        (b"[" * 60000, 400, "not JSON"),
        (b'{"strength": NaN}', 400, "strength must be between"),
        (b'{"strength": 1' + b"0" * 400 + b"}", 400, "too large"),
        (b"{" + b" " * 70000, 413, "too large"),
    ],
)
def test_wishes_that_cannot_be_are_refused_in_one_line(site: Any, body: Any, status: int, text: str) -> None:
    before = site.ask("/api/state").json["controls"]
    answer = site.ask("/api/set", body, Content_Type="application/json")
    assert answer.status == status
    assert text in answer.json["error"] and "\n" not in answer.json["error"]
    assert site.ask("/api/state").json["controls"] == before


def test_unknown_sources_and_pages_are_told_in_json(site: Any) -> None:
    assert site.ask("/api/state?source=nobody").json == {
        "error": "no source named 'nobody'; there are: pattern"
    }
    assert site.ask("/nothing").status == 404 and "error" in site.ask("/nothing").json
    assert site.ask("/snapshot.png?strength=many").status == 400
    assert site.ask("/static/../server.py").status == 404
    wrong = site.ask("/mjpeg", {})
    assert wrong.status == 405 and wrong.headers["Allow"] == "GET" and "error" in wrong.json


def test_the_state_is_of_one_source_and_has_always_the_same_keys(open_site: Callable[..., Any]) -> None:
    site = open_site()
    site.studio.add(Feed("scene", lambda: PatternSource(width=32, height=24)))
    alone = site.ask("/api/state?source=pattern").json
    assert (alone["painting"], alone["fps"], alone["trouble"]) == (alone["controls"]["style"], 0, "")
    with urllib.request.urlopen(f"{site.address}/mjpeg?source=pattern&strength=0.5") as pictures:
        assert pictures.read(100)
        told = site.ask("/api/state?source=pattern").json
        assert (told["viewers"], told["looks"]) == (1, 1)
        other = site.ask("/api/state?source=scene").json
        assert (other["viewers"], other["looks"]) == (0, 0)
        assert set(told) == set(other) == set(alone)


def test_what_is_there_can_be_asked_by_head(site: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    paths = ["/", "/health", "/metrics", "/api", "/api/state", "/api/styles", "/api/styles/candy.jpg"]
    statuses = {"/mjpeg": 405, "/snapshot.png": 405, "/ws": 405} | dict.fromkeys(paths, 200)
    for path, status in statuses.items():
        connection.request("HEAD", path)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (status, b""), path
    connection.close()


def test_an_overlay_has_a_style_of_its_own(open_site: Callable[..., Any]) -> None:
    site = open_site(looks=2)
    ours = site.ask("/snapshot.png").body
    theirs = site.ask("/snapshot.png?strength=0").body
    assert ours != theirs
    assert site.ask("/api/state").json["looks"] == 2


def test_an_overlay_keeps_its_style_where_that_is_not_there_in_the_tier_of_all(
    open_site: Callable[..., Any], livestyle_home: Path
) -> None:
    write_random_style(livestyle_home / "styles" / "barque.safetensors")  # in lite alone
    site = open_site()
    assert site.ask("/api/set", {"style": "candy", "tier": "base"}).status == 200
    assert site.ask("/snapshot.png?style=barque").status == 200
    refused = site.ask("/snapshot.png?style=barque&tier=base")
    assert refused.status == 400 and "not there in tier" in refused.json["error"]


def test_an_overlay_with_a_tier_of_its_own_holds_up_nobody(open_site: Callable[..., Any]) -> None:
    site = open_site()
    site.ask("/api/set", {"style": "great-wave"})
    with (
        urllib.request.urlopen(f"{site.address}/mjpeg?tier=hq") as overlay,
        urllib.request.urlopen(f"{site.address}/mjpeg") as page,
    ):
        assert overlay.read(100) and page.read(100)
        for wishes in ({"style": "candy"}, {"strength": 0.5}):  # which is not there in hq
            assert site.ask("/api/set", wishes).status == 200
        assert {look.controls.style for look in site.studio.looks.values()} == {"candy"}
        assert {look.controls.strength for look in site.studio.looks.values()} == {0.5}


def test_a_style_that_cannot_be_painted_is_taken_back_for_all(
    open_site: Callable[..., Any], livestyle_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_hole(livestyle_home / "styles" / "hole.safetensors")
    site = open_site()
    with urllib.request.urlopen(f"{site.address}/mjpeg") as pictures:
        assert pictures.read(100)
        before = site.ask("/api/state").json["controls"]
        assert site.ask("/api/set", {"style": "hole", "strength": 0.7}).json["controls"]["style"] == "hole"
        wait_for(lambda: "hole" in site.ask("/api/state").json["trouble"])
        assert re.search(r"pattern: .*hole", caplog.text)
        wait_for(lambda: site.ask("/api/state").json["controls"] == {**before, "strength": 0.7})
    assert site.ask("/snapshot.png?stability=0.5").status == 200, "a look that is opened later"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_is_no_style_is_not_looked_for_on_the_disk(
    open_site: Callable[..., Any], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")  # whoever opens it waits for ever
    site = open_site()
    for query in (
        f"style={tmp_path}/pipe",
        f"style=candy:1,{tmp_path}/pipe:1",
        f"background={tmp_path}/pipe",
    ):
        refused = site.ask(f"/snapshot.png?{query}")
        assert refused.status == 404 and "no " in refused.json["error"]


def test_who_is_gone_waits_for_no_picture(open_site: Callable[..., Any]) -> None:
    site = open_site(viewers=1)
    opened = threading.Event()

    def open_slowly(controls: Controls, fps: float) -> Stylizer:
        opened.wait(60)
        raise UsageError("too late")

    site.studio._open_stylizer = open_slowly
    try:
        for path in ("/snapshot.png", "/mjpeg", "/snapshot.png"):
            with socket.create_connection(("127.0.0.1", site.port)) as gone:
                gone.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                wait_for(lambda: site.ask("/api/state").json["viewers"] == 1)
            left_at = time.monotonic()
            wait_for(lambda: site.ask("/api/state").json["viewers"] == 0)
            assert time.monotonic() - left_at < 5
    finally:
        opened.set()


def test_looks_that_have_ended_are_forgotten(
    open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livestyle.web.studio.LINGER_SECONDS", 0.1)
    site = open_site()
    looks: weakref.WeakSet[Any] = weakref.WeakSet()
    for strength in (0.1, 0.2, 0.3):
        assert site.ask(f"/snapshot.png?strength={strength}").status == 200
        looks.update(site.studio.looks.values())
        wait_for(lambda: not site.ask("/api/state").json["looks"])
    wait_for(lambda: not (gc.collect(), len(looks))[1])


def test_a_style_that_cannot_be_opened_with_the_look_is_taken_back(
    open_site: Callable[..., Any], livestyle_home: Path
) -> None:
    write_hole(livestyle_home / "styles" / "hole.safetensors")
    site = open_site()
    before = site.ask("/api/state").json["controls"]
    assert site.ask("/api/set", {"style": "hole"}).status == 200, "nobody watches yet"
    assert "hole" in site.ask("/snapshot.png").json["error"]
    wait_for(lambda: site.ask("/api/state").json["controls"] == before)
    assert site.ask("/snapshot.png").status == 200


def write_hole(path: Path) -> None:
    """Write a style whose network lacks a layer."""
    hole = write_random_style(path)
    weights = hole.read_weights()
    weights.pop(next(iter(weights)))
    write_style(hole.path, weights, hole.credits, hole.shape, {})


def test_the_size_of_painting_is_told_as_it_is(open_site: Callable[..., Any]) -> None:
    site = open_site()
    with urllib.request.urlopen(f"{site.address}/mjpeg") as pictures:
        assert pictures.read(100)
        told = site.ask("/api/state").json
        assert (told["scale"], told["own_brush"]) == (1, 2)
        site.ask("/api/set", {"brush": 1})
        wait_for(lambda: site.ask("/api/state").json["scale"] == 2)


def test_a_look_stays_open_for_some_time_after_the_last_viewer_left(
    open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livestyle.web.studio.LINGER_SECONDS", 1.0)
    site = open_site()

    def looks() -> int:
        return int(site.ask("/api/state").json["looks"])

    assert site.ask("/snapshot.png").status == 200
    with urllib.request.urlopen(f"{site.address}/mjpeg") as pictures:
        assert pictures.read(100)
        time.sleep(0.9)
    left_at = time.monotonic()
    while looks():
        time.sleep(0.02)
    assert time.monotonic() - left_at > 0.9, "counted from the last who left, not from the first"


def test_looks_that_are_watched_are_not_stopped_for_others(open_site: Callable[..., Any]) -> None:
    site = open_site(looks=2)
    for strength in (0, 0.2, 0.4):
        assert site.ask(f"/snapshot.png?strength={strength}").status == 200, "nobody watches those before"
    with (
        urllib.request.urlopen(f"{site.address}/mjpeg") as first,
        urllib.request.urlopen(f"{site.address}/mjpeg?strength=0.6") as second,
    ):
        assert first.read(100) and second.read(100)
        refused = site.ask("/snapshot.png?strength=0.8")
        assert refused.status == 503 and "2 pictures are being painted" in refused.json["error"]
        assert refused.headers["Retry-After"]
        assert site.ask("/snapshot.png").status == 200, "it is painted for another anyway"


def read_mjpeg(site: Any, pictures: int) -> list[bytes]:
    """Return so many JPEGs of a stream."""
    with socket.create_connection(("127.0.0.1", site.port), 30) as connection:
        connection.sendall(f"GET /mjpeg HTTP/1.0\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            return take_pictures(stream, pictures)


def take_pictures(stream: Any, pictures: int) -> list[bytes]:
    """Return so many JPEGs of what *stream* reads."""
    found: list[bytes] = []
    while len(found) < pictures:
        line = stream.readline()
        assert line, "the stream ended"
        if line.lower().startswith(b"content-length:"):
            stream.readline()
            found.append(stream.read(int(line.split(b":")[1])))
    return found


def test_many_watch_and_one_that_stalls_holds_up_nobody(open_site: Callable[..., Any]) -> None:
    site = open_site(viewers=11)
    with socket.create_connection(("127.0.0.1", site.port)) as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.sendall(f"GET /mjpeg HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode())
        stalled.recv(16)
        seen: list[int] = []
        watchers = [
            threading.Thread(target=lambda: seen.append(len(read_mjpeg(site, 60)))) for _ in range(10)
        ]
        for watcher in watchers:
            watcher.start()
        wait_for(lambda: site.ask("/api/state").json["viewers"] == 11)
        refused = site.ask("/snapshot.png")
        for watcher in watchers:
            watcher.join()
        assert seen == [60] * 10
        assert refused.status == 503 and "11 viewers are watching" in refused.json["error"]


@SENT
def test_pictures_go_on_over_tls(tiny_style: Style) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    options = [
        "--camera",
        "pattern",
        "--style",
        str(tiny_style.path),
        "--port",
        "0",
        "--https",
        "--size",
        "1280x720",
    ]
    command = [sys.executable, "-m", "livestyle", "serve", *options]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        found = re.search(r"open (https://\S+)/", server.stderr.readline())
        assert found
        trust = ssl._create_unverified_context()  # it is our own
        with urllib.request.urlopen(f"{found[1]}/mjpeg", context=trust, timeout=30) as stream:
            # aiohttp waits after each 2**16; a busy machine paints smaller
            assert sum(map(len, take_pictures(stream, 150))) > 2**21
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)


def test_mjpeg_pictures_can_be_decoded(site: Any) -> None:
    first, *_, last = read_mjpeg(site, 5)
    pictures = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) for jpeg in (first, last)]
    assert all(picture.shape == (72, 128, 3) for picture in pictures)
    assert first != last


def test_the_docs_tell_every_route(site: Any) -> None:  # which skips without the extra
    from livestyle.web.api import ROUTES

    text = (Path(__file__).parents[2] / "docs" / "overlays.md").read_text(encoding="utf-8")
    assert [route.path for route in ROUTES if f"`{route.method} {route.path}`" not in text] == []
