"""Keeps the colours of the original, under the brushwork of the painting."""

from __future__ import annotations

import cv2
import numpy as np

from livestyle.frame import Pixels


def keep_colors(painted: Pixels, original: Pixels) -> Pixels:
    """Return light and dark of *painted* in the colours of *original*: uint8 RGB, (H, W, 3).

    Luma (BT.601) is the painting's, and what the channels differ from it is the original's. Where a channel
    would leave [0, 255] they differ less, all by the same factor: colours become paler there, but never
    another hue, which cutting off at 255 would make of them.
    """
    light = cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY)
    luma = cv2.cvtColor(original, cv2.COLOR_RGB2GRAY)
    red, green, blue = cv2.split(original)
    above = cv2.subtract(cv2.max(cv2.max(red, green), blue), luma)
    below = cv2.subtract(luma, cv2.min(cv2.min(red, green), blue))
    room = cv2.divide(cv2.bitwise_not(light), above, scale=255)  # 255 where there is room enough
    room = cv2.min(room, cv2.divide(light, below, scale=255))
    share = room * np.float32(1 / 255)
    offset = cv2.subtract(light, cv2.multiply(luma, share, dtype=cv2.CV_32F), dtype=cv2.CV_32F)
    channels = [
        cv2.add(cv2.multiply(channel, share, dtype=cv2.CV_32F), offset, dtype=cv2.CV_8U)
        for channel in (red, green, blue)
    ]
    return cv2.merge(channels).astype(np.uint8, copy=False)
