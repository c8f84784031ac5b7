"""Paint "candy": an original abstract artwork of swirling, dark-outlined, sweet-coloured brush strokes.

It is made by this code alone, from a fixed seed, and is dedicated to the public domain (CC0-1.0).

Usage: python samples/candy_artwork.py OUT.png [--size 1024]

Lengths are in units of a 1024 x 1024 picture. Points are rows of x, y, and n is the padded side.
"""

import argparse

import cv2
import numpy as np

UNITS = 1024
PAD = 64  # the painting goes on this far beyond the frame, so that the rim is as rich as the middle
SUPERSAMPLE = 2
INK, CREAM = "170b2b", "fff3d6"
TONES = {
    "P": ("ff2f8b", "ff5ca5", "ee1576"),  # pink
    "R": ("c8103f", "e41e3c", "b30d4a"),  # raspberry
    "O": ("ff7414", "ff9327", "f9591c"),  # orange
    "L": ("ffd81a", "ffe650", "fbc40f"),  # lemon
    "C": ("fff0cc", "fbe3b4", "fff7e4"),  # cream
    "M": ("8ee2b6", "b6efcf", "6fd6a6"),  # mint
    "T": ("0fb3b3", "2fcfc6", "0a98a8"),  # turquoise
    "B": ("1446c4", "2a69ea", "0f2f9c"),  # cobalt blue
    "V": ("7b38c2", "9a55dc", "5d279f"),  # violet
}
# What one swirl wears, spiral band after spiral band, in letters of TONES.
SCHEMES = ("PCRP", "OLRO", "TBMT", "RPOC", "BTVC", "LRCO", "MTLB", "ORLP", "VPBR")


def bgr(code: str) -> np.ndarray:
    """Turn "rrggbb" into float BGR, 0 to 255."""
    return np.array([int(code[i : i + 2], 16) for i in (4, 2, 0)], np.float64)


def smooth_noise(rng: np.random.Generator, n: int, scale: float) -> np.ndarray:
    """Make smooth noise of shape (n, n) and unit deviation, with blobs about `scale` wide."""
    coarse = rng.normal(size=(int(n / scale) + 4,) * 2).astype(np.float32)
    noise = cv2.resize(coarse, (n, n), interpolation=cv2.INTER_CUBIC)
    return noise / noise.std()


def place_swirls(rng: np.random.Generator, n: int) -> list[tuple[float, float, float]]:
    """Scatter swirls, big ones first, without crowding: each is x, y, radius."""
    swirls: list[tuple[float, float, float]] = []
    for radius, tries in ((190, 80), (130, 300), (85, 400), (55, 600)):
        for x, y in rng.uniform(-20, n + 20, (tries, 2)):
            r = radius * rng.uniform(0.88, 1.12)
            if all(np.hypot(x - a, y - b) > 0.86 * (r + c) for a, b, c in swirls):
                swirls.append((x, y, r))
    return swirls


def make_field(rng: np.random.Generator, swirls: list, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Blend warped spirals: stroke angle (radians) and letter of TONES, both (n, n)."""
    grid = np.arange(n, dtype=np.float32)
    x = grid[None, :] + 10 * smooth_noise(rng, n, 170)
    y = grid[:, None] + 10 * smooth_noise(rng, n, 170)
    nearest, family = np.full((n, n), np.inf), np.full((n, n), "P")
    double = np.zeros((n, n), np.complex64)
    schemes = rng.permutation(np.arange(len(swirls)) % len(SCHEMES))
    for (cx, cy, radius), scheme in zip(swirls, schemes, strict=True):
        u, v, spin = x - cx, y - cy, rng.choice([-1, 1])
        reach = np.hypot(u, v) / radius
        phase = reach * max(1.25, radius / 128) + spin * np.arctan2(v, u) / (2 * np.pi) + rng.random()
        wave = np.exp(2j * np.pi * phase)
        slope_y, slope_x = ((np.conj(wave) * d).imag for d in np.gradient(wave))
        # Twice the angle is averaged, because a brush direction has no sign.
        double += np.exp(2j * np.arctan2(slope_x, -slope_y) - 8 * np.minimum(reach, 9) ** 2)
        bands = np.array(list(SCHEMES[scheme]))[(phase % 1 * 4).astype(int) % 4]
        family = np.where(reach < nearest, bands, family)
        nearest = np.minimum(nearest, reach)
    return np.angle(double) / 2, family


def trace(angle: np.ndarray, start: np.ndarray, steps: int, step: float) -> np.ndarray:
    """Follow the flow both ways from `start` (m, 2): paths of shape (m, 2 * steps + 1, 2)."""
    halves = []
    for sign in (-1.0, 1.0):
        point, heading, path = start, None, []
        for _ in range(steps):
            ix, iy = np.clip(point.astype(int), 0, len(angle) - 1).T
            move = np.stack([np.cos(angle[iy, ix]), np.sin(angle[iy, ix])], 1)
            back = sign < 0 if heading is None else (move * heading).sum(1, keepdims=True) < 0
            heading = np.where(back, -move, move)
            point = point + step * heading
            path.append(point)
        halves.append(np.stack(path, 1))
    return np.concatenate([halves[0][:, ::-1], start[:, None], halves[1]], 1)


def beside(path: np.ndarray) -> np.ndarray:
    """Find the unit vectors that point to one side of `path` (m, 2), shape (m, 2)."""
    tangent = np.gradient(path, axis=0)
    return tangent[:, ::-1] * (-1, 1) / (np.hypot(*tangent.T)[:, None] + 1e-9)


def free_stretch(path: np.ndarray, taken: np.ndarray, width: float) -> np.ndarray:
    """Cut `path` (m, 2) to the part around its middle free of other strokes and sharp bends."""
    n, normal, middle = len(taken), beside(path), len(path) // 2
    step = np.hypot(*(path[1] - path[0]))
    blocked = np.hypot(*np.gradient(normal, axis=0).T) / step > 1.1 / width
    for offset in (-0.2, 0.0, 0.2):
        ix, iy = (path + offset * width * normal).astype(int).clip(0, n - 1).T
        blocked |= taken[iy, ix] > 0
    where = np.flatnonzero(blocked)
    first = max(where[where <= middle], default=-1) + 1
    return path[first : min(where[where >= middle], default=len(path))]


class Painter:
    """A canvas of B, G, R and paint height at the supersampled pixel size, and the flow to follow."""

    def __init__(self, size: int, seed: int) -> None:
        """Plan the swirls and prepare an ink-coloured canvas for a picture of `size` pixels."""
        self.rng = np.random.default_rng(seed)
        self.n = UNITS + 2 * PAD
        self.swirls = place_swirls(self.rng, self.n)
        self.angle, self.family = make_field(self.rng, self.swirls, self.n)
        self.taken = np.zeros((self.n, self.n), np.uint8)
        self.scale = size * SUPERSAMPLE / UNITS
        self.canvas = np.full((size * SUPERSAMPLE, size * SUPERSAMPLE, 4), (*bgr(INK), 30), np.uint8)

    def line(self, points: np.ndarray, color: np.ndarray, height: float, width: float) -> None:
        """Draw one antialiased line through `points` (m, 2)."""
        pixels = np.round((points - PAD) * self.scale * 16).astype(np.int32)
        value = np.clip((*color, height), 0, 255).tolist()
        cv2.polylines(self.canvas, [pixels], False, value, max(1, round(width * self.scale)), cv2.LINE_AA, 4)

    def stroke(self, path: np.ndarray, width: float, color: np.ndarray) -> None:
        """Paint one stroke along `path` (m, 2): ink below, then bristle after bristle of paint."""
        rng, m, normal = self.rng, len(path), beside(path)
        run = np.linspace(0, np.hypot(*np.diff(path, axis=0).T).sum() / width, m)
        taper = np.clip(np.minimum(run / 0.45, (run[-1] - run) / rng.uniform(0.45, 1.1)), 0, 1)
        half = width / 2 * (0.2 + 0.8 * np.sqrt(taper * (2 - taper)))
        for i in range(m - 1):
            self.line(path[i : i + 2], bgr(INK), 40, 2 * half[i] + 3.4 + 0.07 * width)
        drift = rng.normal(0, 6) + rng.normal(0, 3, 3)
        for across in rng.permutation(np.linspace(-1, 1, max(3, int(width / 1.1)))):
            tint = color + rng.normal(0, 7) + rng.normal(0, 4, 3) - 16 * abs(across) ** 3
            if rng.random() < 0.12:  # a bristle that carries some unmixed light paint
                tint += (bgr(CREAM) - tint) * rng.uniform(0.15, 0.4)
            height = 130 + rng.normal(0, 13) + 30 * abs(across)
            bristle = path + normal * (half * across)[:, None]
            # The pieces let the colour drift along the stroke; uneven ends look like a real brush.
            ends = rng.uniform(0, 0.2) * m / run[-1], m - 1 - rng.uniform(0, 0.35) * m / run[-1]
            cuts = (np.linspace(*ends, 6) + rng.uniform(-1, 1) * m / 16).clip(*ends).astype(int)
            for part in range(5):
                piece = bristle[cuts[part] : cuts[part + 1] + 1]
                self.line(piece, tint + drift * (part - 2), height + rng.normal(0, 8), 1.7)

    def seeds(self, width: float, count: int) -> np.ndarray:
        """Choose at most `count` points, (m, 2), where a stroke `width` wide just fits beside the others."""
        room = cv2.distanceTransform(1 - self.taken, cv2.DIST_L2, 3)
        y, x = np.nonzero((room > 0.38 * width) & (room < 0.5 * width))
        return self.rng.permutation(np.stack([x, y], 1).astype(float))[:count]

    def layer(self, seeds: np.ndarray, width: float, length: float) -> None:
        """Lay strokes side by side, `length` widths long at most, where there is room."""
        rng, step = self.rng, max(2.0, width / 8)
        for path in trace(self.angle, seeds, int(length * width / 2 / step), step):
            w, middle = width * rng.uniform(0.85, 1.15), len(path) // 2
            keep = int(len(path) * rng.uniform(0.25, 0.5))
            path = free_stretch(path[middle - keep : middle + keep + 1], self.taken, w)
            if len(path) * step < (1.3 + 0.06 * w) * w:
                continue
            x, y = path[len(path) // 2].astype(int).clip(0, self.n - 1)
            family = rng.choice(list(TONES)) if rng.random() < 0.06 else self.family[y, x]
            self.stroke(path, w, bgr(rng.choice(TONES[family])))
            cv2.polylines(self.taken, [path[2:-2].astype(np.int32)], False, 1, max(1, round(0.8 * w)))

    def paint(self) -> None:
        """Paint the arms of the swirls, then ever finer strokes."""
        rng = self.rng
        for x, y, radius in self.swirls:
            for thick, reach in ((0.6, 0.3), (1.0, 0.9)):
                out, turn = radius * rng.uniform(0.05, reach, 50), rng.uniform(0, 2 * np.pi, 50)
                seeds = np.stack([x + out * np.cos(turn), y + out * np.sin(turn)], 1)
                self.layer(seeds, thick * np.clip(radius / 5, 15, 32), 16)
        for width in (32, 24, 18, 13, 9):
            for _ in range(8):
                self.layer(self.seeds(width, int(9000 / width)), width, 9)

    def finish(self) -> np.ndarray:
        """Light the paint relief from the upper left and reduce to the final size: uint8 BGR."""
        height = cv2.GaussianBlur(self.canvas[..., 3].astype(np.float32), (0, 0), 0.9 * self.scale)
        slope_y, slope_x = np.gradient(height)
        light = np.clip((slope_x * 0.6 + slope_y * 0.8) * self.scale / 40, -1, 1)[..., None]
        color = self.canvas[..., :3].astype(np.float32)
        color = np.where(light > 0, color + (245 - color) * 0.5 * light, color * (1 + 0.5 * light))
        small = cv2.resize(color, None, fx=1 / SUPERSAMPLE, fy=1 / SUPERSAMPLE, interpolation=cv2.INTER_AREA)
        return np.clip(np.round(small), 0, 255).astype(np.uint8)


def main() -> None:
    """Read the command line, paint, and write the file."""
    parser = argparse.ArgumentParser(description="Paint the candy artwork.")
    parser.add_argument("out")
    parser.add_argument("--size", type=int, default=1024)
    args = parser.parse_args()
    painter = Painter(args.size, seed=3)
    painter.paint()
    if not cv2.imwrite(args.out, painter.finish()):
        raise SystemExit(f"cannot write {args.out}")


if __name__ == "__main__":
    main()
