"""Messages name what was given, what is allowed, what to do, in one line."""

from __future__ import annotations

import copy
import inspect
import pickle
import sys

import cv2
import pytest

from livestyle import errors
from livestyle.errors import (
    LivestyleError,
    MissingExtra,
    StageError,
    UnknownName,
    UsageError,
    short_memory_told,
)


def test_nearest_name() -> None:
    error = UnknownName("sink", "virtualcma", ["window", "virtualcam", "file"])
    assert str(error) == "no sink named 'virtualcma'; did you mean 'virtualcam'?"


def test_all_names_when_none_is_near() -> None:
    assert str(UnknownName("sink", "x", ["window", "file"])) == "no sink named 'x'; there are: file, window"
    assert str(UnknownName("style", "x", [])).endswith("there are: none")


@pytest.mark.parametrize(
    "error",
    [
        UnknownName("style", "x", ["y"]),
        MissingExtra("srt", "srt"),
        StageError("over"),
        errors.BadPicture("is grey"),
    ],
)
def test_another_process_can_be_told(error: LivestyleError) -> None:
    told = pickle.loads(pickle.dumps(error))
    assert (type(told), str(told)) == (type(error), str(error))
    assert str(copy.copy(error)) == str(error)


def test_missing_extra_says_what_to_run() -> None:
    assert f'{sys.executable} -m pip install "livestyle[virtualcam]"' in str(
        MissingExtra("virtualcam", "virtualcam")
    )


@pytest.mark.parametrize(
    "name", [n for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, Exception)]
)
def test_the_drawing_shows_every_error(name: str) -> None:
    assert errors.__doc__ is not None and name in errors.__doc__
    drawn_deep = f"│   ├── {name}" in errors.__doc__ or f"│   └── {name}" in errors.__doc__
    kind = getattr(errors, name)
    assert issubclass(kind, LivestyleError)
    assert drawn_deep == (issubclass(kind, UsageError) and kind is not UsageError)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 8 EiB for an array"),
        RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        RuntimeError("Exception from allocator.cpp:79:\nstd::bad_alloc"),
        RuntimeError("Check 'ptr' failed at cpu_memory.cpp:257:\nFailed to allocate 8 bytes of memory"),
        cv2.error("(-4:Insufficient memory) Failed to allocate 8 bytes in function 'OutOfMemoryError'"),
    ],
)
def test_short_memory_is_told_with_advice(error: Exception) -> None:
    text = r"^not enough memory; give a smaller --size$"
    with pytest.raises(StageError, match=text) as told, short_memory_told("give a smaller --size"):
        raise error
    assert told.value.__cause__ is error


def test_other_failures_are_not_short_memory() -> None:
    illegal = RuntimeError("CUDA error: an illegal memory access was encountered")
    with pytest.raises(RuntimeError, match="illegal"), short_memory_told("give a smaller --size"):
        raise illegal


def test_what_was_told_inside_of_short_memory_is_kept() -> None:
    with (
        pytest.raises(StageError, match="--batch"),
        short_memory_told("give a smaller --size"),
        short_memory_told("give a smaller --batch than 2"),
    ):
        raise MemoryError
