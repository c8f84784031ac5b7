"""Every error that livestyle raises on purpose.

LivestyleError
├── UsageError                 the caller can mend it: one line, exit 2
│   ├── UnknownName            no style, sink, source, backend … of that name
│   ├── MissingExtra           an optional package is not installed
│   ├── BadStyleFile           not a style file, or one that this version cannot read
│   ├── BadPicture             a picture that cannot be read
│   ├── SourceUnavailable      no such file, camera or stream, or nothing to see in it
│   ├── SinkUnavailable        the output cannot be opened: exists, read-only, no display
│   ├── DeviceUnavailable      the device asked for is not on this machine
│   ├── WeightsUnavailable     a network that others trained can be had nowhere
│   ├── TooMany                a limit of the server is reached
│   └── TooOften               the server is asked the same too often
└── StageError                 a stage failed while it ran: exit 1

Texts say what was given, what is allowed and what to do, in one line.
"""

from __future__ import annotations

import contextlib
import copyreg
import difflib
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any


class LivestyleError(Exception):
    """Anything that livestyle raises on purpose."""

    def __reduce__(self) -> Any:
        """Tell pickle how to make it again: of what it says, whatever its parameters were."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class UsageError(LivestyleError):
    """The caller can mend it."""


class UnknownName(UsageError):
    """A name that is in no table.

    Args:
        kind: what the name should have named, in the singular: ``"style"``.
        given: the name as it was given.
        choices: the names that exist.
    """

    def __init__(self, kind: str, given: str, choices: Iterable[str]) -> None:
        names = sorted(choices)
        nearest = difflib.get_close_matches(given, names, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are: {', '.join(names) or 'none'}"
        super().__init__(f"no {kind} named {given!r}; {hint}")


class MissingExtra(UsageError):
    """A part needs a package that is not installed.

    Args:
        part: the name of the part, as the user knows it.
        extra: the extra of this package that brings what is missing.
    """

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f"{part!r} needs packages that are not installed; {how_to_install(extra)}")


class BadStyleFile(UsageError):
    """Not a style file, or one that this version cannot read."""


class BadPicture(UsageError):
    """A picture that cannot be read."""


class SourceUnavailable(UsageError):
    """No such file, camera or stream, or nothing to see in it."""


class SinkUnavailable(UsageError):
    """The output cannot be opened."""


class DeviceUnavailable(UsageError):
    """The device asked for is not on this machine."""


class WeightsUnavailable(UsageError):
    """The weights of a network that others trained can be had nowhere: of the judge, or to find people."""


class TooMany(UsageError):
    """A limit of the server is reached; others must leave first."""


class TooOften(UsageError):
    """The server is asked the same too often; after a while it may be asked again."""


class StageError(LivestyleError):
    """A stage of the pipeline failed while it ran; ``__cause__`` is the failure itself."""


FAILURES = (LivestyleError, OSError, RuntimeError, ValueError)
"""What parts raise when the world fails them: disks, devices, drivers, networks, servers."""


def how_to_install(extra: str) -> str:
    """Return what brings *extra* of this package, whose pip may not be the first that is found."""
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f'run: {python} -m pip install "livestyle[{extra}]"'


def one_line(failure: BaseException) -> str:
    """Return what *failure* says, without the lines that only its authors understand."""
    return (str(failure).strip() or type(failure).__name__).splitlines()[0]


NO_MEMORY = re.compile(
    r"(out of|not enough|insufficient|allocate) memory|bad_alloc|failed to allocate", re.IGNORECASE
)


@contextlib.contextmanager
def short_memory_told(advice: str) -> Iterator[None]:
    """Raise StageError with *advice* where there is no memory; each library has its own words for that."""
    try:
        yield
    except Exception as error:
        known = isinstance(error, MemoryError) or NO_MEMORY.search(str(error))
        if isinstance(error, LivestyleError) or not known:  # what was told inside tells more
            raise
        raise StageError(f"not enough memory; {advice}") from error
