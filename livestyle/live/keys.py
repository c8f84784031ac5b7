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
        action: the method of ``Desk`` that is called; given the character when it takes one.
        help: what it does.
    """

    codes: tuple[str | int, ...]
    label: str
    action: str
    help: str


KEYS = (
    Key(("n",), "n", "next_style", "next style"),
    Key(("p",), "p", "previous_style", "previous style"),
    Key(tuple("123456789"), "1-9", "pick_style", "style by number"),
    Key(("+", "="), "+", "stronger", "more of the painting"),
    Key(("-", "_"), "-", "weaker", "more of the original"),
    Key(("]",), "]", "steadier", "less flicker"),
    Key(("[",), "[", "livelier", "quicker to follow motion"),
    Key((".", ">"), ".", "broader", "broader strokes"),
    Key((",", "<"), ",", "finer", "finer strokes"),
    Key(("k",), "k", "toggle_colors", "keep the original's colours, or not"),
    Key(("b",), "b", "step_cutout", "paint people alone, what is around them, or all"),
    Key((" ",), "space", "show_original", "the original, while held"),
    Key(("w",), "w", "toggle_wipe", "original beside painting; the mouse moves the line"),
    Key(("m",), "m", "toggle_mirror", "exchange left and right"),
    Key(("f",), "f", "toggle_full_screen", "full screen"),
    Key(("h",), "h", "toggle_hud", "show or hide the figures"),
    Key(("s",), "s", "save_snapshot", "save a picture"),
    Key(("r",), "r", "toggle_recording", "start or stop recording"),
    Key(("c",), "c", "save_replay", "save the last ten seconds"),
    Key(("?", "/"), "?", "toggle_help", "show or hide this help"),
    Key(("q", ESCAPE), "q, Esc", "quit", "quit"),
)


def find_key(code: int) -> Key | None:
    """Return the row of the key that OpenCV calls *code*; None when it does nothing. Case does not matter."""
    code &= 0xFFFF  # above are Shift, NumLock and the like
    pressed = chr(code).lower() if code != ESCAPE and code < 128 else code
    return next((key for key in KEYS if pressed in key.codes), None)


def help_lines() -> list[str]:
    """Return a line for each row of the table, keys and meaning parted by a tab."""
    return [f"{key.label}\t{key.help}" for key in KEYS]
