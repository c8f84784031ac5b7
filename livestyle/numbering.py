"""Names of pictures, and of many numbered ones, one for each frame: ``frames/%05d.png``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from livestyle.whole import key_of

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
"""Endings of files that are taken for pictures, and that can be written."""

READ_ONLY = {".avif", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jp2", ".jpe"}
"""Endings of files that are taken for pictures, too, and are not written."""

PLACE = re.compile(r"%(?:0(\d+))?d")

LIKE_A_NUMBER = re.compile(r"%\d*d")
"""What is meant as a place for a number, in a name that may not be numbered."""


@dataclass(frozen=True)
class Numbering:
    """The name of a picture with a place for a number.

    Attributes:
        pattern: the path; its last part has one ``%d``, or ``%05d`` for at least five digits.
    """

    pattern: Path

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return the numbering that *path* writes down; None when it is the name of one file."""
        if path.suffix.lower() not in SUFFIXES or len(PLACE.findall(path.name)) != 1 or path.is_file():
            return None
        return cls(path)

    @property
    def escaped(self) -> Path:
        """The pattern for FFmpeg, to which any other per cent sign would mean something, too."""
        found = PLACE.search(self.pattern.name)
        assert found is not None
        before, after = self.pattern.name[: found.start()], self.pattern.name[found.end() :]
        name = f"{before.replace('%', '%%')}{found[0]}{after.replace('%', '%%')}"
        return Path(str(self.pattern.parent).replace("%", "%%")) / name

    def name(self, number: int) -> Path:
        """Return the path of the file *number*."""
        found = PLACE.search(self.pattern.name)
        assert found is not None
        before, after = self.pattern.name[: found.start()], self.pattern.name[found.end() :]
        return self.pattern.with_name(f"{before}{number:0{found[1] or 1}d}{after}")

    def there(self) -> list[int]:
        """Return the numbers of the files that exist, in order."""
        before, after = (re.escape(key_of(text)) for text in PLACE.split(self.pattern.name)[::2])
        reads = re.compile(f"{before}(\\d+){after}")
        names = self.pattern.parent.iterdir() if self.pattern.parent.is_dir() else ()
        files = {key_of(path.name): path for path in names}
        numbers = [int(match[1]) for match in map(reads.fullmatch, files) if match]
        found = {number: files.get(key_of(self.name(number).name)) for number in numbers}
        return sorted(number for number, path in found.items() if path and path.is_file())


def name_files(path: Path) -> list[Path]:
    """Return the files that *path* stands for: itself, or those of a numbering that exist."""
    numbering = Numbering.of(path)
    return [path] if numbering is None else [numbering.name(number) for number in numbering.there()]
