"""Make the original artworks "stained-glass", "woodcut" and "pencil": textures to train styles on.

They are made by this code alone, from fixed seeds, and are dedicated to the public domain (CC0-1.0).

Usage: python samples/artworks.py {stained-glass,woodcut,pencil} OUT.png [--size 1024]

Lengths are in units of a 1024 x 1024 picture; all is drawn at twice the size and reduced at the end.
"""

import argparse
from collections.abc import Callable

import cv2
import numpy as np
from candy_artwork import bgr, smooth_noise

UNITS = 1024
SUPERSAMPLE = 2

LEAD = "14110f"
PANES = [
    *("c1121f", "e63946", "f28c28", "ffb703", "ffe066", "2a9d5c", "0b6e4f"),
    *("1d4ed8", "0a2472", "3fa7d6", "6a1b9a", "9d2a6b", "f7f3e3"),
]

INK, PAPER = "16120f", "f2e6cb"

GRAPHITE, DRAWING_PAPER = "2f2f35", "f6f4ee"


def spread_points(rng: np.random.Generator, n: int, apart: float) -> np.ndarray:
    """Scatter points over the picture, at least `apart` from each other: (m, 2) of x, y."""
    points: list[np.ndarray] = []
    for point in rng.uniform(-apart / 2, n + apart / 2, (4000, 2)):
        if all(np.hypot(*(point - other)) > apart for other in points):
            points.append(point)
    return np.array(points)


def warped_grid(rng: np.random.Generator, n: int, by: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of each pixel, (n, n) each, bent smoothly by about `by` pixels."""
    grid = np.arange(n, dtype=np.float32)
    return grid[None, :] + by * smooth_noise(rng, n, scale), grid[:, None] + by * smooth_noise(rng, n, scale)


def nearest_point(x: np.ndarray, y: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each pixel which of `points` is nearest and how far it is, (n, n) each."""
    nearest, distance = np.zeros(x.shape, int), np.full(x.shape, np.inf)
    for number, (cx, cy) in enumerate(points):
        far = np.hypot(x - cx, y - cy)
        nearest = np.where(far < distance, number, nearest)
        distance = np.minimum(distance, far)
    return nearest, distance


def to_edge(areas: np.ndarray) -> np.ndarray:
    """Return how far each pixel of a map of numbered areas, (n, n), is from another area."""
    edge = np.zeros(areas.shape, np.uint8)
    edge[:, 1:] |= areas[:, 1:] != areas[:, :-1]
    edge[1:] |= areas[1:] != areas[:-1]
    return cv2.distanceTransform(1 - edge, cv2.DIST_L2, 5)


def stained_glass(rng: np.random.Generator, n: int) -> np.ndarray:
    """Rosettes of coloured panes, each ring cut into petals, in leads: float BGR, 0 to 255, (n, n, 3)."""
    unit = n / UNITS
    x, y = warped_grid(rng, n, 9 * unit, 190 * unit)
    centers = spread_points(rng, n, 205 * unit)
    rosette, distance = nearest_point(x, y, centers)
    turn = np.arctan2(y - centers[rosette, 1], x - centers[rosette, 0]) / (2 * np.pi)
    width = rng.uniform(32, 50, len(centers))[rosette] * unit
    ring = np.floor(distance / width)
    petals = np.maximum(1, np.round(ring * rng.choice((4, 5, 6), len(centers))[rosette]))
    petal = np.floor((turn + rosette * 0.37 + ring * 0.5 / petals) * petals)
    pane = (rosette * 4099 + ring * 67 + petal % petals).astype(np.int64)

    inside = to_edge(pane) / unit

    panes, index = np.unique(pane, return_inverse=True)
    index = index.reshape(n, n)
    _, first = np.unique(pane, return_index=True)
    leading = rng.integers(len(PANES), size=(len(centers), 12))  # a colour for each ring of each rosette
    own = leading[rosette.flat[first], ring.flat[first].astype(int) % 12]
    own = np.where(rng.random(len(panes)) < 0.35, rng.integers(len(PANES), size=len(panes)), own)
    colors = np.array([bgr(code) for code in PANES])[own] * rng.uniform(0.8, 1.1, (len(panes), 1))

    ripple = 0.07 * smooth_noise(rng, n, 5 * unit) + 0.10 * smooth_noise(rng, n, 26 * unit)
    light = 0.78 + 0.34 * np.clip(inside / 16, 0, 1) + ripple  # brightest where the lead is far
    glass = colors[index] * light[..., None]
    bubbles = np.clip(smooth_noise(rng, n, 7 * unit) - 2.2, 0, 1)[..., None]
    glass += (255 - glass) * bubbles
    lead = bgr(LEAD) + 70 * np.clip(1 - inside / 1.6, 0, 1)[..., None]  # a shine along its ridge
    thick = 3.6 + 0.8 * smooth_noise(rng, n, 60 * unit)
    return np.where((inside < thick)[..., None], lead, glass)


def woodcut(rng: np.random.Generator, n: int) -> np.ndarray:
    """Fields of gouge marks that swell and taper, black on cream: float BGR, 0 to 255, (n, n, 3)."""
    unit = n / UNITS
    x, y = warped_grid(rng, n, 22 * unit, 150 * unit)
    centers = spread_points(rng, n, 150 * unit)
    field, distance = nearest_point(x, y, centers)
    angle = rng.uniform(0, np.pi, len(centers))[field]
    straight = x * np.cos(angle) + y * np.sin(angle)
    along = -x * np.sin(angle) + y * np.cos(angle)
    ringed = (rng.random(len(centers)) < 0.45)[field]
    pitch = rng.uniform(9, 17, len(centers))[field] * unit
    across = np.where(ringed, distance, straight) + 3.0 * unit * smooth_noise(rng, n, 40 * unit)
    line = across / pitch
    number = np.floor(line)
    # Each line swells and tapers along its length, out of step with its neighbours.
    turn = np.arctan2(y - centers[field, 1], x - centers[field, 0])
    travel = np.where(ringed, turn * np.maximum(distance, 20 * unit), along) / (62 * unit)
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * (travel + 0.618 * number))
    tone = 0.50 + 0.20 * smooth_noise(rng, n, 120 * unit)
    cut = np.abs(line - number - 0.5) * 2  # 0 in the middle of a gouge mark, 1 between two
    carved = cut + 0.10 * smooth_noise(rng, n, 4 * unit) < tone * (0.35 + 0.95 * swell)

    contour = to_edge(field) / unit
    carved &= contour > 4.5 + 1.5 * smooth_noise(rng, n, 30 * unit)
    grain = smooth_noise(rng, n, 3 * unit) + smooth_noise(rng, n, 40 * unit) > 2.6  # where ink did not take
    paper = bgr(PAPER) * (1 + 0.015 * smooth_noise(rng, n, 6 * unit))[..., None]
    return np.where((carved | grain)[..., None], paper, bgr(INK))


def pencil(rng: np.random.Generator, n: int) -> np.ndarray:
    """Hatching in several directions, denser where it is darker: float BGR, 0 to 255, (n, n, 3)."""
    unit = n / UNITS
    x, y = warped_grid(rng, n, 25 * unit, 160 * unit)
    centers = spread_points(rng, n, 165 * unit)
    field, distance = nearest_point(x, y, centers)
    height = distance / (95 * unit)
    slant = (x - centers[field, 0] + y - centers[field, 1]) / (150 * unit)
    dark = np.clip(0.42 + 0.38 * slant + 0.25 * height + 0.12 * smooth_noise(rng, n, 90 * unit), 0.02, 1)
    lead = np.zeros((n, n))  # how much graphite lies there
    for angle, starts_at in ((0.75, 0.06), (2.25, 0.34), (0.1, 0.56), (1.5, 0.76)):
        layer = np.zeros((n, n), np.uint8)
        for px, py in rng.uniform(0, n, (15000, 2)):
            tone = dark[int(py), int(px)]
            if tone < starts_at + rng.uniform(-0.05, 0.2):
                continue
            heading = angle + rng.normal(0, 0.07)
            length = rng.uniform(16, 46) * unit / 2
            move = np.array((np.cos(heading), np.sin(heading)))
            bow = np.array((-move[1], move[0])) * rng.normal(0, 0.05) * length
            points = np.stack([(px, py) + t * length * move + (1 - t * t) * bow for t in (-1, -0.4, 0.3, 1)])
            pressure = int(70 + 150 * tone * rng.uniform(0.6, 1))
            cv2.polylines(
                layer, [np.round(points * 16).astype(np.int32)], False, pressure, SUPERSAMPLE, cv2.LINE_AA, 4
            )
        lead = 1 - (1 - lead) * (1 - 0.75 * layer / 255)
    contour = to_edge(field) / unit
    outline = np.clip(1.7 + 0.8 * smooth_noise(rng, n, 45 * unit) - contour, 0, 1) * 0.85
    lead = 1 - (1 - lead) * (1 - outline)
    lead *= np.clip(0.86 + 0.22 * smooth_noise(rng, n, 2 * unit), 0.3, 1)  # the paper's tooth
    paper = bgr(DRAWING_PAPER) * (1 + 0.01 * smooth_noise(rng, n, 3 * unit))[..., None]
    return paper + (bgr(GRAPHITE) - paper) * lead[..., None]


ARTWORKS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "stained-glass": stained_glass,
    "woodcut": woodcut,
    "pencil": pencil,
}


def main() -> None:
    """Read the command line, make the artwork, and write the file."""
    parser = argparse.ArgumentParser(description="Make an original artwork.")
    parser.add_argument("artwork", choices=ARTWORKS)
    parser.add_argument("out")
    parser.add_argument("--size", type=int, default=UNITS)
    args = parser.parse_args()
    large = ARTWORKS[args.artwork](np.random.default_rng(7), args.size * SUPERSAMPLE)
    small = cv2.resize(large, (args.size, args.size), interpolation=cv2.INTER_AREA)
    if not cv2.imwrite(args.out, np.clip(np.round(small), 0, 255).astype(np.uint8)):
        raise SystemExit(f"cannot write {args.out}")


if __name__ == "__main__":
    main()
