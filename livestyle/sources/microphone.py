"""Microphones of this machine: which there are, and how to hear one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from livestyle.errors import MissingExtra, SourceUnavailable
from livestyle.sound import Microphone


@dataclass(frozen=True)
class Device:
    """A microphone that can be heard.

    Attributes:
        name: as people call it.
        open: hears it, each time anew; raises SourceUnavailable.
    """

    name: str
    open: Callable[[], Microphone]


def list_microphones() -> list[Device]:
    """Return the microphones of this machine, that of the system's choice first.

    Raises:
        SourceUnavailable: nothing here can tell.
        MissingExtra: it takes a package that is not installed.
    """
    if sys.platform == "linux":
        from livestyle.sources import pulse

        devices = pulse.list_devices()
        return [Device(name, partial(pulse.PulseMicrophone, device, name)) for device, name in devices]
    try:
        from livestyle.sources import portaudio
    except ModuleNotFoundError as error:
        raise MissingExtra("microphone", "microphone") from error
    numbers = portaudio.list_devices()
    return [Device(name, partial(portaudio.PortAudioMicrophone, number, name)) for number, name in numbers]


def find_microphone(given: str) -> Device:
    """Return the microphone *given*: a part of its name, or ``default``.

    Raises:
        SourceUnavailable: there is none, or none of that name.
        MissingExtra: hearing takes a package that is not installed.
    """
    devices = list_microphones()
    if not devices:
        raise SourceUnavailable("no microphone; plug one in, or give --microphone none")
    if given == "default":
        return devices[0]
    for device in devices:
        if given.lower() in device.name.lower():
            return device
    names = ", ".join(device.name for device in devices)
    raise SourceUnavailable(f"no microphone named {given!r}; there are: {names}; or 'default', 'none'")
