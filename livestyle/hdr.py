"""Between HDR video and the ordinary pictures that styles know: tone mapping, and the way back.

Light is linear, in BT.2020 primaries, 1.0 being reference white: 203 cd/m² (ITU-R BT.2408). PQ and HLG are
as in ITU-R BT.2100; HLG is shown as on a display of 1000 cd/m². Signals are RGB as coded, in 16 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.chroma import merge
from livestyle.colour import PQ, Colour

Light: TypeAlias = NDArray[np.float32]
Signal: TypeAlias = NDArray[np.uint16]
Planes: TypeAlias = Sequence[NDArray[Any]]

SIGNAL_MAX = 65535

WHITE_NITS = 203.0
HLG_PEAK = 1000.0 / WHITE_NITS
BRIGHTEST = 10000.0 / WHITE_NITS
"""Light that PQ can say at most."""

KNEE = 0.5
"""Light above this is compressed; below it stays as it is."""

ROWS = 32
"""Of a picture that are worked on at a time: they stay in the cache of the processor."""

TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
"""BT.2020 to BT.709 primaries (ITU-R BT.2407), linear light."""

TO_2020 = np.linalg.inv(TO_709)

LUMINANCE = np.array([[0.2627, 0.6780, 0.0593]], np.float32)
"""Of BT.2020 primaries."""

GAMMA = 2.4
"""Of an SDR display (ITU-R BT.1886)."""


def read_signal(planes: Planes, bits: int, colour: Colour) -> Signal:
    """Return the coded RGB of YUV *planes*, (H, W, 3)."""
    to_rgb = colour.yuv_to_rgb(planes[0].shape[0], bits) * (SIGNAL_MAX / 255)
    return cv2.transform(merge(planes), to_rgb)  # type: ignore[return-value]


def tone_map(signal: Signal, transfer: int) -> NDArray[np.uint8]:
    """Return the SDR picture of an HDR one, uint8 RGB in BT.709, (H, W, 3).

    Args:
        signal: coded RGB, (H, W, 3).
        transfer: ``PQ`` or ``HLG``.
    """

    def map_rows(rows: Signal) -> NDArray[np.uint8]:
        light = cv2.split(cv2.transform(decode(rows, transfer), TO_709))
        fitting = scale(light, compression(light))  # all three alike: the hue stays
        return look_up(display_table(), root(fitting, 1))

    return in_rows(map_rows, np.uint8, signal)


def expand(painted: NDArray[np.uint8], signal: Signal, transfer: int) -> Signal:
    """Return the HDR signal of a picture painted over ``tone_map(signal)``.

    What was brighter than the SDR picture could show is that much brighter again.

    Args:
        painted: uint8 RGB, (H, W, 3).
        signal: of the original, coded RGB, (H, W, 3).
        transfer: ``PQ`` or ``HLG``.

    Returns:
        Coded RGB, (H, W, 3).
    """
    shown = ((np.arange(256) / 255) ** GAMMA).astype(np.float32)

    def expand_rows(colours: NDArray[np.uint8], rows: Signal) -> Signal:
        lost = compression(cv2.split(cv2.transform(decode(rows, transfer), TO_709)))
        light: Any = cv2.transform(scale(cv2.split(cv2.LUT(colours, shown)), 1 / lost), TO_2020)
        return encode(light, transfer)

    return in_rows(expand_rows, np.uint16, painted, signal)


def in_rows(work: Callable[..., NDArray[Any]], kind: type, *pictures: NDArray[Any]) -> Any:
    """Return what *work* makes of *pictures*, given ``ROWS`` rows of them at a time, as numbers of *kind*."""
    made: NDArray[Any] = np.empty(pictures[0].shape, kind)
    for row in range(0, len(made), ROWS):
        made[row : row + ROWS] = work(*(picture[row : row + ROWS] for picture in pictures))
    return made


def compression(light: Planes) -> Light:
    """Return what to multiply *light* with, (H, W), so that no highlight passes 1, however bright.

    The brightest of the three colours, p, becomes 1 - ``KNEE``² / p where it is above ``KNEE`` = 1/2.
    """
    red, green, blue = light
    peak = np.maximum(cv2.max(cv2.max(red, green), blue), KNEE)
    return ((1 - KNEE * KNEE / peak) / peak).astype(np.float32, copy=False)


def scale(light: Planes, factor: NDArray[Any]) -> Light:
    """Return *light* times *factor*, (H, W), as one array, (H, W, 3)."""
    return cv2.merge([plane * factor for plane in light])


def decode(signal: Signal, transfer: int) -> Light:
    """Return the light of a coded signal, (H, W, 3)."""
    light: Light = look_up(light_table(transfer), signal)
    if transfer == PQ:
        return light
    return scale(cv2.split(light), HLG_PEAK * cv2.transform(light, LUMINANCE) ** np.float32(0.2))


def encode(light: Light, transfer: int) -> Signal:
    """Return the coded signal of *light*, (H, W, 3)."""
    if transfer == PQ:
        return look_up(signal_table(transfer), root(light, BRIGHTEST))
    luminance = np.maximum(cv2.transform(light, LUMINANCE) / HLG_PEAK, 1e-6)
    scene = scale(cv2.split(light), luminance ** np.float32(1 / 1.2 - 1) / HLG_PEAK)
    return look_up(signal_table(transfer), root(scene, 1))


def root(light: Light, most: float) -> Signal:
    """Return the root of *light*, 65535 for *most*: so it has enough steps for the dark tones."""
    held = cv2.sqrt(np.clip(light, 0, most))
    return (held * np.float32(SIGNAL_MAX / most**0.5) + np.float32(0.5)).astype(np.uint16)


def look_up(table: NDArray[Any], index: Signal) -> Any:
    """Return the value in *table*, 65536 long, for each of *index*."""
    return np.take(table, index, mode="clip")  # nothing is outside; said so, it is fast


@cache
def light_table(transfer: int) -> Light:
    """Return the light of each signal; for HLG that of the scene, in [0, 1]."""
    signal = np.arange(SIGNAL_MAX + 1) / SIGNAL_MAX
    if transfer == PQ:
        power = signal ** (32 / 2523)
        light = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
        return (light ** (16384 / 2610) * BRIGHTEST).astype(np.float32)
    dark, bright = signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(signal <= 0.5, dark, bright).astype(np.float32)


@cache
def signal_table(transfer: int) -> Signal:
    """Return the signal of each root of light; for HLG of light of the scene, in [0, 1]."""
    light = (np.arange(SIGNAL_MAX + 1) / SIGNAL_MAX) ** 2
    if transfer == PQ:
        power = light ** (2610 / 16384)
        signal = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    else:
        bright = 0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-6)) + 0.55991073
        signal = np.where(light <= 1 / 12, np.sqrt(3 * light), bright)
    return np.round(np.clip(signal, 0, 1) * SIGNAL_MAX).astype(np.uint16)


@cache
def display_table() -> NDArray[np.uint8]:
    """Return the SDR code of each root of light."""
    light = (np.arange(SIGNAL_MAX + 1) / SIGNAL_MAX) ** 2
    return np.round(light ** (1 / GAMMA) * 255).astype(np.uint8)
