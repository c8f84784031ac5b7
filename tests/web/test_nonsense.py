"""Requests that nobody should send."""

from __future__ import annotations

import http.client
import json
import random
import re
import string
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest


def fuzz(site: Any, requests: int, seed: int) -> dict[int, int]:
    """Send *requests* that nobody should send; return how often each status came."""
    rng = random.Random(seed)
    paths = ["/", "/overlay", "/snapshot.png", "/api", "/api/state", "/api/set", "/api/camera", "/api/styles"]
    paths += [
        "/api/styles/candy.jpg",
        "/api/styles/..%2f..%2fetc%2fpasswd.jpg",
        "/metrics",
        "/static/",
        "/ws",
    ]
    words = [
        "candy",
        "pattern",
        "1e999",
        "-1",
        "nan",
        "\x00",
        "é",
        "../x",
        "a" * 3000,
        "%00",
        "{}",
        "null",
        "0.5",
    ]
    names = ["source", "style", "strength", "stability", "token", "tier", "fit", "x", "keep_colors", "cutout"]
    values: list[Any] = [None, True, -1, 0.5, 10**30, "candy", [], {}, [[1]], "\ud800", "a" * 5000, 1e308]
    statuses: dict[int, int] = {}

    def text() -> str:
        return (
            "".join(rng.choices(string.printable, k=rng.randrange(20)))
            if rng.random() < 0.3
            else rng.choice(words)
        )

    def body() -> bytes:
        if rng.random() < 0.2:
            return rng.randbytes(rng.randrange(200))
        keys = rng.choices([*names, "sdp", "width", "height"], k=rng.randrange(5))
        told: Any = {key: rng.choice(values) for key in keys}
        if rng.random() < 0.2:
            told["sdp"] = "v=0\r\nm=video " + text()
        return json.dumps(told if rng.random() < 0.9 else [told]).encode()

    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    for _ in range(requests):
        query = "&".join(
            f"{rng.choice(names)}={urllib.parse.quote(text(), safe='%')}" for _ in range(rng.randrange(4))
        )
        method = rng.choice(["GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
        headers = {"Content-Type": rng.choice(["application/json", "application/json", "text/plain", ""])}
        if rng.random() < 0.2:
            odd = rng.choice(
                ["Host", "Origin", "Cookie", "Authorization", "Range", "If-None-Match", "Accept"]
            )
            headers[odd] = re.sub(r"[^ -~]", "", text())
        data = body() if method in ("POST", "PUT") else None
        try:
            connection.request(method, f"{rng.choice(paths)}?{query}", data, headers)
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        except http.client.HTTPException:
            statuses[0] = statuses.get(0, 0) + 1
            connection.close()
    connection.close()
    return statuses


@pytest.mark.parametrize("requests", [300, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_nonsense_is_answered_in_good_order(open_site: Callable[..., Any], requests: int) -> None:
    site = open_site(viewers=4)
    statuses = fuzz(site, requests, seed=1)
    assert not any(status >= 500 and status != 503 for status in statuses), statuses
    assert sum(statuses.values()) == requests and {200, 400, 404} <= set(statuses)
    assert site.ask("/snapshot.png").status in (200, 503)
    assert site.ask("/health").status == 200
