"""Between HDR video and the ordinary pictures that styles know: tone mapping, and the way back.

Light is linear, in BT.2020 primaries, 1.0 being reference white: 203 cd/m² (ITU-R BT.2408). PQ and HLG are
as in ITU-R BT.2100; HLG is shown as on a display of 1000 cd/m².
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livestyle.colour import PQ, Colour

Light = NDArray[np.float32]

WHITE_NITS = 203.0
HLG_PEAK = 1000.0 / WHITE_NITS
STEPS = 4096
"""Values of a signal in 0–1 that tables tell apart."""

KNEE = 0.5
"""Light above this is compressed; below it stays as it is."""

TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
"""BT.2020 to BT.709 primaries (ITU-R BT.2087), linear light."""

LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
"""Of BT.2020 primaries."""

GAMMA = 2.4
"""Of an SDR display (ITU-R BT.1886)."""


def read_signal(planes: Sequence[NDArray[Any]], bits: int, colour: Colour) -> Light:
    """Return the coded RGB of YUV *planes*, in [0, 1], (H, W, 3), as precise as they are."""
    height, width = planes[0].shape
    full = []
    for plane in planes[:3]:
        down, across = -(-height // plane.shape[0]), -(-width // plane.shape[1])
        full.append(plane.repeat(down, axis=0).repeat(across, axis=1)[:height, :width])
    to_rgb = (colour.yuv_to_rgb(height, bits) / 255).astype(np.float32)
    return turn(np.stack(full, axis=2).astype(np.float32), to_rgb[:, :3]) + to_rgb[:, 3]


def tone_map(signal: Light, transfer: int) -> NDArray[np.uint8]:
    """Return the SDR picture of an HDR one, RGB in BT.709, (H, W, 3).

    Args:
        signal: coded RGB in [0, 1], (H, W, 3).
        transfer: ``PQ`` or ``HLG``.
    """
    light = turn(decode(signal, transfer), TO_709)
    peak = np.maximum(light.max(axis=2, keepdims=True), 1e-6)
    light *= compress(peak) / peak  # all three alike: the hue stays
    index = np.clip(light, 0, 1) ** 0.5 * (STEPS - 1)  # the root gives the dark tones enough steps
    return display_table()[index.astype(np.uint16)]


def expand(painted: NDArray[np.uint8], signal: Light, transfer: int) -> Light:
    """Return the HDR signal of a picture painted over ``tone_map(signal)``.

    What was brighter than the SDR picture could show is that much brighter again.

    Args:
        painted: uint8 RGB, (H, W, 3).
        signal: of the original, coded RGB in [0, 1], (H, W, 3).
        transfer: ``PQ`` or ``HLG``.

    Returns:
        Coded RGB in [0, 1], (H, W, 3).
    """
    peak = np.maximum(turn(decode(signal, transfer), TO_709).max(axis=2, keepdims=True), 1e-6)
    light = (np.arange(256, dtype=np.float32) / 255) ** GAMMA
    return encode(
        light[painted] * (peak / compress(peak)) @ np.linalg.inv(TO_709).T.astype(np.float32), transfer
    )


def turn(picture: Light, matrix: Light) -> Light:
    """Return *picture*, (H, W, 3), with each colour multiplied by *matrix*, (3, 3)."""
    return (picture.reshape(-1, 3) @ matrix.T).reshape(picture.shape)


def compress(light: Light) -> Light:
    """Return *light* bent so that no highlight passes 1, however bright."""
    over = np.maximum(light - KNEE, 0)
    return np.where(light > KNEE, KNEE + (1 - KNEE) * over / (over + 1 - KNEE), light).astype(np.float32)


def decode(signal: Light, transfer: int) -> Light:
    """Return the light of a coded signal, (H, W, 3)."""
    light = light_table(transfer)[(np.clip(signal, 0, 1) * (STEPS - 1) + 0.5).astype(np.uint16)]
    if transfer == PQ:
        return light
    luminance = np.maximum(light @ LUMINANCE, 1e-6)[..., None]
    return (light * luminance**0.2 * HLG_PEAK).astype(np.float32)


def encode(light: Light, transfer: int) -> Light:
    """Return the coded signal of *light*, (H, W, 3)."""
    light = np.maximum(light, 0)
    if transfer == PQ:
        power = (light * (WHITE_NITS / 10000)) ** (2610 / 16384)
        return (((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)).astype(
            np.float32
        )
    luminance = np.maximum(light @ LUMINANCE / HLG_PEAK, 1e-6)[..., None]
    scene = light / HLG_PEAK * luminance ** (1 / 1.2 - 1)
    dark = np.sqrt(3 * scene)
    bright = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-6)) + 0.55991073
    return np.clip(np.where(scene <= 1 / 12, dark, bright), 0, 1).astype(np.float32)


@cache
def light_table(transfer: int) -> Light:
    """Return the light of each step of a signal; for HLG that of the scene, in [0, 1]."""
    signal = np.arange(STEPS) / (STEPS - 1)
    if transfer == PQ:
        power = signal ** (32 / 2523)
        light = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
        return (light ** (16384 / 2610) * 10000 / WHITE_NITS).astype(np.float32)
    dark, bright = signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(signal <= 0.5, dark, bright).astype(np.float32)


@cache
def display_table() -> NDArray[np.uint8]:
    """Return the SDR code of each step of the root of light."""
    light = (np.arange(STEPS) / (STEPS - 1)) ** 2
    return np.round(light ** (1 / GAMMA) * 255).astype(np.uint8)
