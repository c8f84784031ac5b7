"""Take the picture of the studio page that README.md shows: `make studio`, with Chromium, on an idle machine.

Usage: python samples/show_studio.py OUT.jpg

`livestyle serve` paints a clip of a photo that scikit-image carries (credited in CREDITS.md), and a browser
without a window looks at it, with the original beside the painting.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from skimage import data

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import Browser

STYLE = "stained-glass"
PAGE = (1360, 780)
WIDTH, HEIGHT, FRAMES = 640, 360, 90
SIDE, TOP, LEFT = 800, 20, 28
"""Of the photo, and where the clip is cut out of it: a face in the middle."""
SETTLED_SECONDS = 6.0
"""After which frame rate and delay are those of the clip, no longer those of starting."""


def write_clip(path: Path) -> None:
    """Write a clip in which the photo moves by a few pixels, there and back."""
    photo = cv2.resize(data.astronaut(), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (WIDTH, HEIGHT))
    for number in range(FRAMES):
        left = round(LEFT + LEFT * np.sin(2 * np.pi * number / FRAMES))
        writer.write(cv2.cvtColor(photo[TOP : TOP + HEIGHT, left : left + WIDTH], cv2.COLOR_RGB2BGR))
    writer.release()


def find_address(server: subprocess.Popen[str]) -> str:
    """Return the address that *server* tells once it can be reached."""
    assert server.stderr
    for line in server.stderr:
        if found := re.search(r"http://[^\s?]+", line):
            return found[0]
    raise SystemExit("livestyle serve ended; say it by hand to see why")


def take_picture(address: str, out: Path) -> None:
    """Wait until the studio at *address* shows the clip; write what it looks like."""
    browser = Browser(PAGE)
    try:
        browser.open(address)
        browser.wait_for(
            "document.querySelector('canvas')?.getContext('2d') && !!document.getElementById('wipe')"
        )
        browser.press("w")
        browser.wait_for("!document.getElementById('wipe').hidden")
        time.sleep(SETTLED_SECONDS)
        browser.run("document.activeElement.blur()")
        cv2.imwrite(str(out), browser.take()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    finally:
        browser.close()


def main() -> None:
    """Make the clip, serve it, look at it."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        write_clip(clip)
        words = ["livestyle", "serve", "--camera", clip, "--style", STYLE, "--port", "0"]
        server = subprocess.Popen(
            [sys.executable, "-m", *map(str, words)],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LIVESTYLE_HOME": folder},  # only styles that ship
        )
        try:
            take_picture(find_address(server), Path(sys.argv[1]))
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
