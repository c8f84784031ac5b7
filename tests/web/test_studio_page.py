"""The pages in a real browser, with the camera that is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import write_random_style
from screen import wait_for

from livestyle.sources.pattern import PatternSource
from livestyle.web.feed import Feed

LIVE = "document.getElementById('stage')?.dataset.state === 'live'"
PIXEL = "Array.from(document.querySelector('canvas').getContext('2d').getImageData({x}, {y}, 1, 1).data)"


def click(browser: Any, place: str) -> None:
    """Click in the middle of the first element that *place* selects, as a mouse does."""
    box = browser.run(
        f"(() => {{ const e = document.querySelector({place!r}); e.scrollIntoView({{block: 'center'}});"
        " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)


def test_the_studio_shows_and_steers_the_picture(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    browser.wait_for("document.getElementById('fps').textContent > 0")
    assert "source=pattern" in browser.run("document.getElementById('overlay').value")

    click(browser, "#controls input[type=range]")  # in its middle
    wait_for(lambda: site.ask("/api/state").json["controls"]["strength"] == 0.5)
    browser.run("document.activeElement.blur()")
    browser.press("+")
    wait_for(lambda: site.ask("/api/state").json["controls"]["strength"] == 0.6)
    site.ask("/api/set", {"strength": 0.9})  # as another page would
    browser.wait_for("document.querySelector('#controls output').textContent === '90 %'")

    click(browser, ".style input[value=candy]")
    wait_for(lambda: site.ask("/api/state").json["painting"] == "candy")
    browser.wait_for("!document.querySelector('.style.coming')")

    blend = "const e = document.getElementById('other'); e.value = 'great-wave'"
    browser.run(f"{{ {blend}; e.dispatchEvent(new Event('change')) }}")
    wait_for(lambda: site.ask("/api/state").json["painting"] == "candy:0.5,great-wave:0.5")
    site.ask("/api/set", {"style": "great-wave:0.3,candy:0.7"})
    browser.wait_for("document.querySelector('.style input:checked').value === 'great-wave'")
    browser.wait_for("document.getElementById('share').value === '0.7'")
    site.ask("/api/set", {"style": "candy:3,great-wave:1"})
    browser.wait_for("document.getElementById('share').value === '0.25'")
    site.ask("/api/set", {"style": "candy:0.2,great-wave:0.3,klimt:0.5"})  # is one choice, and stays whole
    browser.wait_for("document.querySelector('.style input:checked').value.endsWith('klimt:0.5')")
    site.ask("/api/set", {"style": "candy"})
    browser.wait_for("document.querySelector('.style input:checked').value === 'candy'")
    assert browser.said == []


def test_keys_change_the_brush_from_what_the_size_has(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    browser.press(",")  # finer; so small a picture has the broadest strokes of its own
    wait_for(lambda: site.ask("/api/state").json["controls"]["brush"] == 1.8)
    site.ask("/api/set", {"brush": 0})


def test_what_is_set_goes_to_the_source_that_is_watched(open_site: Callable[..., Any], browser: Any) -> None:
    site = open_site()
    site.studio.add(Feed("scene", lambda: PatternSource(width=128, height=72)))
    browser.open(site.address)
    browser.wait_for(f"{LIVE} && document.querySelector('#source option[value=scene]') !== null")
    browser.run(
        "{ const e = document.getElementById('source'); e.value = 'scene';"
        " e.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    browser.press("-")  # at once
    wait_for(lambda: site.ask("/api/state?source=scene").json["controls"]["strength"] == 0.9)
    assert site.ask("/api/state?source=pattern").json["controls"]["strength"] == 1.0
    browser.open("about:blank")


def test_a_slider_that_is_dragged_floods_nobody_and_ends_where_it_was_left(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    browser.run(DRAG)
    browser.wait_for("window.dragged_ms", 20)
    wait_for(lambda: site.ask("/api/state").json["controls"]["strength"] == 0.42, 10)
    assert browser.run(
        "window.sent <= window.dragged_ms / 50 + 3"
    )  # the first, the last, which was refused once
    assert not browser.run("document.getElementById('toast').checkVisibility()")
    site.ask("/api/set", {"strength": 1.0})


DRAG = """
(() => {
  const ask = window.fetch;
  window.sent = 0;
  window.fetch = async (...what) => { // which refuses the last change once, as a server does
    window.sent += String(what[0]).startsWith("/api/set");
    if (!window.refused && what[1]?.body === '{"strength":0.42}') {
      window.refused = true;
      return new Response('{"error": "too often"}', { status: 429 });
    }
    return ask(...what);
  };
  const slider = document.getElementById("control-strength");
  const set = (value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  let moves = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    if (moves++ < 250) { set(moves / 250); return; }
    clearInterval(timer);
    set(0.42);
    window.dragged_ms = performance.now() - began;
  }, 8);
})()
"""


def test_keys_go_on_working_after_clicks(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    browser.run(
        "window.said = []; const say = WebSocket.prototype.send; WebSocket.prototype.send = function (text)"
        " { if (text.includes('original')) window.said.push(text); return say.call(this, text); }; 1"
    )
    click(browser, ".style input[value=klimt]")
    wait_for(lambda: site.ask("/api/state").json["controls"]["style"] == "klimt")
    browser.press(" ")  # shows the original while it is held
    assert browser.run("window.said") == ['{"original":true}', '{"original":false}']
    click(browser, "#control-strength")
    browser.press(" ")
    assert len(browser.run("window.said")) == 4
    click(browser, "#control-keep_colors")
    browser.press(" ")  # turns the switch back
    assert len(browser.run("window.said")) == 4
    assert not browser.run("document.getElementById('control-keep_colors').checked")

    choose = "{ const e = document.getElementById('control-cutout'); e.focus(); e.value = 'none';"
    choose += " e.dispatchEvent(new Event('change', { bubbles: true })); document.activeElement === e }"
    assert browser.run(choose)  # by keys: space was the last that was touched
    browser.run("document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))")
    assert not browser.run(choose)
    browser.press("n")
    wait_for(lambda: site.ask("/api/state").json["controls"]["style"] == "metzinger")
    site.ask("/api/set", {"style": "candy", "strength": 1.0, "keep_colors": False})


def test_what_is_not_there_in_the_tier_is_passed_over(
    open_site: Callable[..., Any], browser: Any, livestyle_home: Path
) -> None:
    (livestyle_home / "styles").mkdir(parents=True)
    write_random_style(livestyle_home / "styles" / "barque.safetensors")  # before candy, and in lite alone
    site = open_site()
    site.ask("/api/set", {"style": "candy", "tier": "base"})
    browser.open(site.address)
    browser.wait_for(f"{LIVE} && document.querySelector('.style input[value=barque]').disabled")
    assert "not there in tier base" in browser.run("document.querySelector('.style').title")
    assert browser.run("document.querySelector('#other option[value=barque]').disabled")

    def is_style(name: str) -> bool:
        return bool(site.ask("/api/state").json["controls"]["style"] == name)

    for key, name in [("p", "woodcut"), ("n", "candy"), ("1", "candy"), ("3", "composition-vii")]:
        browser.press(key)
        wait_for(lambda: is_style(name))  # noqa: B023 (at once)
    site.ask("/api/set", {"tier": "auto"})
    browser.wait_for("!document.querySelector('.style input[value=barque]').disabled")
    browser.press("1")
    wait_for(lambda: is_style("barque"))
    browser.open("about:blank")
    assert browser.said == []


def test_the_address_for_obs_asks_for_the_token(open_site: Callable[..., Any], browser: Any) -> None:
    site = open_site(token="correct-horse-battery")
    browser.open(f"{site.address}?token=correct-horse-battery")
    browser.wait_for(LIVE)
    assert browser.run("document.getElementById('overlay').value").endswith("&token=…")
    assert browser.run("document.getElementById('token-hint').checkVisibility()")
    assert browser.run("location.search + document.cookie") == ""  # scripts do not have it
    browser.open("about:blank")


def test_the_wipe_shows_the_original_beside_the_painting(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    site.ask("/api/set", {"strength": 1.0})
    browser.press("w")
    browser.wait_for("!document.getElementById('wipe').hidden")
    scene = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 128, 72).data]"
    sky = np.array([100, 150, 200])  # of the test scene, and of no painting in candy

    def shows_original() -> bool:
        pixels = np.array(browser.run(scene)).reshape(72, 128, 4)[:12, :, :3]
        left, right = pixels[:, 4:40].mean((0, 1)), pixels[:, 88:124].mean((0, 1))
        return bool(np.abs(left - sky).mean() + 10 < np.abs(right - sky).mean())

    wait_for(shows_original)
    browser.press("w")
    browser.wait_for("document.getElementById('wipe').hidden")


def test_the_camera_goes_up_and_comes_back_painted(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    click(browser, "#camera")
    browser.wait_for(f"document.getElementById('source').value === 'browser' && {LIVE}", 60)
    wait_for(lambda: site.ask("/api/state?source=browser").json.get("frames", 0) > 5)
    state = site.ask("/api/state?source=browser").json
    assert (state["width"], state["height"]) == (640, 360) and not state["waiting"]
    site.ask("/api/set?source=browser", {"strength": 0.0})
    green = PIXEL.format(x=320, y=10)  # Chromium's camera shows a green ground
    browser.wait_for(f"(([r, g, b]) => g > 100 && g > r + 60 && g > b + 60)({green})")
    site.ask("/api/set?source=browser", {"strength": 1.0, "style": "candy"})
    browser.wait_for(f"(([r, g, b]) => !(g > r + 60 && g > b + 60))({green})")
    click(browser, "#camera")
    wait_for(lambda: [s["name"] for s in site.ask("/api/state").json["sources"]] == ["pattern"])
    browser.wait_for(f"document.getElementById('source').value === 'pattern' && {LIVE}")
    assert browser.said == []


def test_the_overlay_is_bare_and_comes_back_after_a_restart(
    open_site: Callable[..., Any], browser: Any
) -> None:
    site = open_site()
    browser.resize(400, 400)
    browser.open(f"{site.address}/overlay")
    browser.wait_for("document.querySelector('canvas').width === 128")
    corner, middle = (browser.take(transparent=True)[place] for place in ((0, 0), (200, 200)))
    assert corner[3] == 0 and middle[3] == 255  # bars above and below are clear
    assert browser.run("document.body.innerText.trim()") == ""
    site.close()
    browser.wait_for(f"({PIXEL.format(x=64, y=36)})[3] === 0", 10)
    again = open_site(port=site.port)
    browser.wait_for(f"({PIXEL.format(x=64, y=36)})[3] === 255", 20)
    assert again.ask("/api/state").json["viewers"] == 1
    browser.said.clear()  # of the connections that failed
    browser.resize(1280, 800)


@pytest.mark.usefixtures("people")
def test_a_key_goes_from_cutout_to_cutout(open_site: Callable[..., Any], browser: Any) -> None:
    site = open_site()
    browser.open(site.address)
    browser.wait_for(LIVE)
    for wanted in ("person", "background", "none"):
        browser.press("b")
        wait_for(lambda: site.ask("/api/state").json["controls"]["cutout"] == wanted)  # noqa: B023 (at once)
    browser.open("about:blank")


def test_an_overlay_that_cannot_be_says_why_in_its_title(site: Any, browser: Any) -> None:
    browser.open(f"{site.address}/overlay?style=nothing")
    browser.wait_for("document.title.includes(\"no style named 'nothing'\")")
    browser.open("about:blank")


@pytest.mark.usefixtures("people")
def test_an_overlay_of_people_is_clear_where_nobody_is(open_site: Callable[..., Any], browser: Any) -> None:
    site = open_site()
    middle = PIXEL.format(x=64, y=36)
    browser.open(f"{site.address}/overlay?cutout=person")  # there is nobody in the test scene
    browser.wait_for(f"document.querySelector('canvas').width === 128 && ({middle})[3] < 60", 60)
    browser.open(f"{site.address}/overlay?cutout=person&background=green")
    browser.wait_for(f"(([r, g, b, a]) => a === 255 && g > r + 60)({middle})", 60)
    browser.open(f"{site.address}/overlay")
    browser.wait_for(f"({middle})[3] === 255")
    browser.said.clear()


def test_a_phone_shows_all_of_it(site: Any, browser: Any) -> None:
    browser.resize(390, 844, phone=True)
    browser.open(site.address)
    browser.wait_for(LIVE)
    assert browser.run("document.documentElement.scrollWidth") <= 390
    small = browser.run(
        "[...document.querySelectorAll('button, select, input[type=range]')].filter(e => e.offsetParent)"
        ".map(e => [e.id, e.getBoundingClientRect()]).filter(([id, b]) => b.height < 30 || b.x < 0"
        " || b.right > innerWidth + 1).map(([id]) => id)"
    )
    assert small == []
    browser.resize(1280, 800)


def test_everything_has_a_name_and_contrast(site: Any, browser: Any) -> None:
    browser.open(site.address)
    browser.wait_for(LIVE)
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "slider", "combobox", "radio", "textbox", "checkbox", "switch", "link"}
    unnamed = [
        node["role"]["value"]
        for node in nodes
        if node.get("role", {}).get("value") in roles
        and not node["ignored"]
        and not node.get("name", {}).get("value")
    ]
    assert unnamed == []
    weak = browser.run(CONTRAST)
    assert weak == []


CONTRAST = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (c.startsWith("rgb") && (rgb(c)[3] ?? 1) > 0.8) return rgb(c);
    }
    return [42, 24, 54];  // the lightest of the page's ground
  };
  return [...document.querySelectorAll("body *")].filter((e) => e.offsetParent && !e.closest("noscript")
      && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    .map((e) => [e.textContent.trim(), light(rgb(getComputedStyle(e).color)), light(ground(e))])
    .filter(([, a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5).map(([text]) => text);
})()
"""
"""The texts whose contrast is less than 4.5, as WCAG 2 counts it."""
