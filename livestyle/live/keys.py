"""The keys of the live window: the one table that the window, its help and the docs read."""

from __future__ import annotations

from dataclasses import dataclass

ESCAPE = 27


@dataclass(frozen=True)
class Key:
    """What some keys do.

    Attributes:
        codes: characters, as typed, or codes from OpenCV; any of them will do.
        label: the keys, as written in the help.
        action: the method of ``Desk`` that is called.
        help: what it does.
    """

    codes: tuple[str | int, ...]
    label: str
    action: str
    help: str


KEYS = (
    Key(("n",), "n", "next_style", "next style"),
    Key(("p",), "p", "previous_style", "previous style"),
    Key(("+", "="), "+", "stronger", "more of the painting"),
    Key(("-", "_"), "-", "weaker", "more of the original"),
    Key((" ",), "space", "toggle_original", "the original, and back"),
    Key(("h",), "h", "toggle_hud", "show or hide the figures"),
    Key(("q", ESCAPE), "q, Esc", "quit", "quit"),
)


def find_key(code: int) -> Key | None:
    """Return the row of the key that OpenCV calls *code*; None when it does nothing. Case does not matter."""
    code &= 0xFFFF  # above are Shift, NumLock and the like
    pressed = chr(code).lower() if code != ESCAPE and code < 128 else code
    return next((key for key in KEYS if pressed in key.codes), None)


def help_text() -> str:
    """Return the keys on one line."""
    return ", ".join(f"{key.label} {key.help}" for key in KEYS)
