"""Microphones through PulseAudio, or PipeWire that answers in its place: Linux desktops have one of them."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from functools import cache
from typing import Any

import numpy as np

from livestyle.errors import SourceUnavailable
from livestyle.handoff import Handoff
from livestyle.sound import Sound

log = logging.getLogger(__name__)

RATE = 48000
BLOCK = RATE // 50
"""Samples that are read at a time: 20 ms."""

KEPT_BLOCKS = 500
"""Ten seconds, for a writer that is busy."""

OPENING_SECONDS = 5.0
"""For a device: those without a wire may have to be told to listen first."""

ANSWER_SECONDS = 2.0
"""For the server, which is on this machine."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 5.0
"""Before a lost microphone is opened again, and at most; doubled in between."""

OURS = b"livestyle"
RECORD, FLOAT32, NO_AUTOSPAWN, READY, FAILED, RUNNING = 2, 5, 1, 4, 5, 0
"""Numbers of the headers pulse/def.h and pulse/sample.h."""


class SampleSpec(Structure):
    """pa_sample_spec: how sound is coded."""

    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class BufferSizes(Structure):
    """pa_buffer_attr: how much is gathered, in bytes; all ones leave it to the server."""

    _fields_ = tuple((name, c_uint32) for name in ("most", "target", "before", "least", "fragment"))


class SourceInfo(Structure):
    """The beginning of pa_source_info; no more of it is looked at."""

    _fields_ = (("device", c_char_p), ("index", c_uint32), ("name", c_char_p))


class ServerInfo(Structure):
    """The beginning of pa_server_info."""

    _fields_ = (
        *((name, c_char_p) for name in ("user", "host", "version", "server")),
        ("sample", SampleSpec),
        ("sink", c_char_p),
        ("source", c_char_p),
    )


class PulseMicrophone:
    """Hears what the server calls *device*, and people *name*; once lost, it is called until it is back.

    Raises:
        SourceUnavailable: it cannot be opened the first time, or the server does not answer.
    """

    rate = RATE

    def __init__(self, device: str, name: str) -> None:
        self.name = name
        self._device = device.encode()
        self._pulse = load_library("libpulse-simple.so.0")
        self._heard: Handoff[Sound] = Handoff(KEPT_BLOCKS, drop_oldest=True)
        self._answers: Handoff[int] = Handoff(1, drop_oldest=True)
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, name="microphone", daemon=True)  # servers may hang
        self._reader.start()
        if error := self._answers.take(OPENING_SECONDS):
            self._closing.set()
            raise SourceUnavailable(f"cannot hear {name}: the sound server refuses (error {error})")
        if error is None:
            self._closing.set()  # should it answer yet, the stream is let go of at once
            raise SourceUnavailable(
                f"cannot hear {name}: the sound server does not answer; restart it, or give --microphone none"
            )

    def take(self) -> list[Sound]:
        """Return what was heard since the last call, in order."""
        return list(iter(lambda: self._heard.take(0), None))

    def close(self) -> None:
        """Hear no more. What was heard can still be taken."""
        self._closing.set()
        self._reader.join(1)
        self._heard.end()

    def _read(self) -> None:
        """Open the stream and hand over what it hears; again whenever it is lost, until ``close``."""
        lost, wait_seconds = False, FIRST_WAIT_SECONDS
        while not self._closing.is_set():
            stream, error = self._open()
            self._answers.put(error)
            if stream:
                if lost:
                    log.warning("%s is heard again", self.name)
                self._hear(stream)
                self._pulse.pa_simple_free(stream)
                wait_seconds = FIRST_WAIT_SECONDS
                if not self._closing.is_set():
                    lost = True
                    log.warning("%s is heard no more; it is silent until it is back", self.name)
            self._closing.wait(wait_seconds)
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)

    def _open(self) -> tuple[c_void_p, int]:
        """Return a stream of what the device hears, or none and why; takes half a minute of a hung server."""
        sample, error = SampleSpec(FLOAT32, RATE, 1), c_int(0)
        sizes = BufferSizes(*[0xFFFFFFFF] * 4, 4 * BLOCK)
        asked = (None, OURS, RECORD, self._device, b"sound", byref(sample), None, byref(sizes), byref(error))
        return c_void_p(self._pulse.pa_simple_new(*asked)), error.value

    def _hear(self, stream: c_void_p) -> None:
        """Hand over blocks of *stream* until ``close``, or until the server is gone."""
        pulse, error = self._pulse, c_int(0)
        while not self._closing.is_set():
            samples = np.empty(BLOCK, np.float32)
            place = samples.ctypes.data_as(c_void_p)
            if pulse.pa_simple_read(stream, place, samples.nbytes, byref(error)) < 0:
                return
            waiting_seconds = pulse.pa_simple_get_latency(stream, byref(error)) / 1e6
            self._heard.put(Sound(samples, time.perf_counter() - waiting_seconds - BLOCK / RATE))


def list_devices() -> list[tuple[str, str]]:
    """Return what the server can hear, the default first: what it calls it, and what people do.

    Raises:
        SourceUnavailable: no server answers.
    """
    found: list[tuple[str, str]] = []
    default: list[str] = []

    def note_source(context: int, info: Any, end: int, data: int) -> None:
        if info:
            found.append((info.contents.device.decode(), info.contents.name.decode()))

    def note_server(context: int, info: Any, data: int) -> None:
        if info:
            default.append((info.contents.source or b"").decode())

    with connect() as (pulse, context, wait):
        server = CFUNCTYPE(None, c_void_p, POINTER(ServerInfo), c_void_p)(note_server)
        wait(pulse.pa_context_get_server_info(context, server, None))
        source = CFUNCTYPE(None, c_void_p, POINTER(SourceInfo), c_int, c_void_p)(note_source)
        wait(pulse.pa_context_get_source_info_list(context, source, None))
    return sorted(found, key=lambda pair: pair[0] not in default)


@contextmanager
def connect() -> Iterator[tuple[Any, c_void_p, Any]]:
    """Yield the library, a connection to the server, and a function that waits for an operation."""
    pulse = load_library("libpulse.so.0")
    loop = c_void_p(pulse.pa_mainloop_new())
    context = c_void_p(pulse.pa_context_new(c_void_p(pulse.pa_mainloop_get_api(loop)), OURS))
    ends_at = time.monotonic() + ANSWER_SECONDS

    def turn() -> None:
        if time.monotonic() > ends_at:
            raise SourceUnavailable("the sound server does not answer; give --microphone none")
        pulse.pa_mainloop_prepare(loop, 100_000)  # microseconds
        pulse.pa_mainloop_poll(loop)
        pulse.pa_mainloop_dispatch(loop)

    def wait(operation: int) -> None:
        while pulse.pa_operation_get_state(c_void_p(operation)) == RUNNING:
            turn()
        pulse.pa_operation_unref(c_void_p(operation))

    try:
        pulse.pa_context_connect(context, None, NO_AUTOSPAWN, None)
        while (state := pulse.pa_context_get_state(context)) != READY:
            if state >= FAILED:
                raise SourceUnavailable("no sound server is running; --microphone none does without")
            turn()
        yield pulse, context, wait
    finally:
        pulse.pa_context_disconnect(context)
        pulse.pa_context_unref(context)
        pulse.pa_mainloop_free(loop)


@cache
def load_library(name: str) -> Any:
    """Load a library of the system.

    Raises:
        SourceUnavailable: it is not there.
    """
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise SourceUnavailable(f"{name} is missing; install libpulse0, or give --microphone none") from error
    pointers = {
        "libpulse-simple.so.0": ("simple_new",),
        "libpulse.so.0": (
            "mainloop_new", "mainloop_get_api", "context_new",
            "context_get_server_info", "context_get_source_info_list",
        ),
    }  # fmt: skip
    for function in pointers[name]:
        getattr(library, f"pa_{function}").restype = c_void_p
    if "simple" in name:
        library.pa_simple_get_latency.restype = c_uint64
    return library
