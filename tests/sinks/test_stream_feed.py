"""What one connection carries: bits at the rate that was asked for, and sound that belongs to the picture."""

from __future__ import annotations

import numpy as np
import pytest

from livestyle.audio import RATE, Audio
from livestyle.frame import Frame, StreamInfo
from livestyle.handoff import Handoff
from livestyle.settings import EncodeSettings
from livestyle.sinks.feed import Feed, plan_feed

BITRATE = 400_000


def encode(fps: float, told: float, seconds: float, heard: Handoff[Audio] | None = None) -> tuple[float, int]:
    """Encode noise at *fps* where *told* frames per second were announced; return bits per second, sounds."""
    settings = EncodeSettings(bitrate="400k", preset="ultrafast")
    feed = Feed(plan_feed(StreamInfo(160, 120, told, live=True), settings), heard, "aac")
    random = np.random.default_rng(0)
    bits = sounds = pictures = 0
    for index in range(round(fps * seconds)):
        pixels = random.integers(0, 255, (120, 160, 3), np.uint8)
        for packet in feed.encode(Frame(pixels, index, index / fps)):
            bits += 8 * packet.size * (packet.stream.type == "video")
            sounds += packet.stream.type == "audio"
            pictures += packet.stream.type == "video"
        assert pictures == index, "one frame is held, and no more"
    return bits / seconds, sounds


@pytest.mark.parametrize(("fps", "told"), [(30, 30), (8, 30), (30, 1000)])
def test_the_bitrate_is_what_was_asked_for_however_many_frames_are_painted(fps: float, told: float) -> None:
    rate, _ = encode(fps, told, 10.0)
    assert rate == pytest.approx(BITRATE, rel=0.25)


def test_sound_whose_clock_leaps_ahead_holds_up_no_other() -> None:
    heard: Handoff[Audio] = Handoff(1000, drop_oldest=True)
    for tenth in range(50):
        leapt = 3600.0 if tenth == 20 else 0.0
        heard.put(Audio(np.ones((RATE // 10, 2), np.int16), tenth / 10 + leapt))
    encode(10, 10, 5.0, heard)
    assert heard.take(0) is None
