"""The studio page with the camera of a real browser, which shows what there is not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import av
import pytest
from screen import wait_for

LIVE = "document.getElementById('stage')?.dataset.state === 'live'"
LENDING = "document.getElementById('camera').getAttribute('aria-pressed') === 'true'"
STATES = "window.tracks.map((track) => track.readyState)"

SLOW_CAMERA = """
(() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.tracks = [];
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.tracks.push(...stream.getTracks());
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return stream;
  };
})()
"""
"""Answers late, as where the user is asked first."""


def names(site: Any) -> list[str]:
    return [source["name"] for source in site.ask("/api/state").json["sources"]]


@pytest.fixture
def page(site: Any, browser: Any) -> Any:
    wait_for(lambda: names(site) == ["pattern"])
    browser.open(site.address)
    browser.wait_for(LIVE)
    browser.run(SLOW_CAMERA)
    yield browser
    browser.open("about:blank")
    assert browser.said == []


def test_a_camera_that_is_stopped_while_it_is_opened_is_not_lent(site: Any, page: Any) -> None:
    page.press("c")
    page.wait_for("window.tracks.length === 1")
    page.press("c")
    assert not page.run(LENDING)
    time.sleep(2.5)  # in which it would be offered
    assert page.run(STATES) == ["ended"]
    assert not page.run(LENDING)
    assert names(site) == ["pattern"]

    page.press("c")
    wait_for(lambda: names(site) == ["pattern", "browser"])
    page.wait_for(f"document.getElementById('source').value === 'browser' && {LENDING}")
    page.press("c")
    wait_for(lambda: names(site) == ["pattern"])
    assert page.run(STATES) == ["ended", "ended"]


def test_of_two_flips_at_once_one_camera_stays(site: Any, page: Any) -> None:
    page.press("c")
    wait_for(lambda: "browser" in names(site))
    page.run("document.getElementById('flip').click(); document.getElementById('flip').click()")
    page.wait_for(f"{STATES}.length === 3")
    time.sleep(2.5)
    assert sorted(page.run(STATES)) == ["ended", "ended", "live"]
    page.press("c")
    assert page.run(STATES) == ["ended"] * 3
    wait_for(lambda: names(site) == ["pattern"])


def test_a_recording_ends_whole_when_the_picture_changes_its_size(
    site: Any, page: Any, tmp_path: Path
) -> None:
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    recording = "document.getElementById('record').getAttribute('aria-pressed') === 'true'"
    page.press("r")
    time.sleep(2)
    assert page.run(recording)
    page.press("c")  # from 128×72 to 640×360
    page.wait_for("document.querySelector('canvas').width === 640")
    assert not page.run(recording)
    assert "another size" in page.run("document.getElementById('toast').textContent")
    (saved,) = wait_for(lambda: [path for path in tmp_path.iterdir() if path.suffix in (".mp4", ".webm")])
    with av.open(str(saved)) as container:
        sizes = [(frame.width, frame.height) for frame in container.decode(video=0)]
    assert len(sizes) > 10 and set(sizes) == {(128, 72)}
    page.press("c")
    wait_for(lambda: names(site) == ["pattern"])


def test_a_camera_that_goes_away_gives_the_first_source_back(site: Any, page: Any) -> None:
    page.press("c")
    page.wait_for(f"document.getElementById('source').value === 'browser' && {LIVE}")
    page.run("window.tracks[0].dispatchEvent(new Event('ended'))")  # as where it is unplugged
    page.wait_for(f"document.getElementById('source').value === 'pattern' && {LIVE} && !({LENDING})")
    assert "camera is gone" in page.run("document.getElementById('toast').textContent")
    wait_for(lambda: names(site) == ["pattern"])


def test_a_source_that_is_not_there_is_all_that_is_told(site: Any, browser: Any) -> None:
    browser.open(f"{site.address}/?source=nobody")
    browser.wait_for("document.getElementById('waiting-text').textContent.includes('no source named')")
    browser.run(
        "window.texts = []; const box = document.getElementById('waiting-text');"
        " new MutationObserver(() => window.texts.push(box.textContent)).observe(box, { childList: true }); 1"
    )
    time.sleep(9)  # more than the longest wait between two tries, and until it counts as lost
    assert {text.partition(";")[0] for text in browser.run("window.texts")} == {"no source named 'nobody'"}
    assert browser.run("document.getElementById('status').dataset.state") == "lost"
    browser.open("about:blank")
