"""Where the network that finds people comes from: MediaPipe's selfie segmentation, under the Apache licence.

We do not ship it: it is fetched once (250 kB; of PyPI 36 MB), checked against a hash and kept in the store.
"""

from __future__ import annotations

import logging
from pathlib import Path

from livestyle.errors import WeightsUnavailable
from livestyle.fetching import Package, checked, fetch_address, fetch_first, fetch_member
from livestyle.styles.store import home
from livestyle.stylize.cutout.tflite import Step, read_steps
from livestyle.whole import whole_file

log = logging.getLogger(__name__)

NAME = "selfie_segmentation_landscape.tflite"
SHA256 = "a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd"
ADDRESS = f"https://storage.googleapis.com/mediapipe-assets/{NAME}"
PACKAGE = Package(
    "mediapipe==0.10.21",
    f"mediapipe/modules/selfie_segmentation/{NAME}",
    "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    ("--only-binary", ":all:", "--platform", "manylinux_2_28_x86_64", "--python-version", "3.11"),
)
"""The network is the same in the wheels for all systems; pip is told one."""


def load_network() -> list[Step]:
    """Return the network, from the store or fetched for it.

    Raises:
        WeightsUnavailable: it can be had nowhere.
    """
    kept = home() / "weights" / NAME
    if kept.is_file():
        return read_steps(read_kept(kept))
    data = fetch_network(kept)
    try:
        with whole_file(kept) as partial:
            partial.write_bytes(data)
    except OSError as error:
        log.warning("cannot keep %s (%s); the next run fetches it again", kept, error.strerror)
    return read_steps(data)


def read_kept(path: Path) -> bytes:
    """Return what the store has; raises WeightsUnavailable when it was damaged or exchanged."""
    try:
        return checked(path.read_bytes(), SHA256, str(path))
    except OSError as error:
        raise WeightsUnavailable(f"cannot read {path}: {(error.strerror or '').lower()}") from error
    except WeightsUnavailable:
        raise WeightsUnavailable(f"{path} is damaged; delete it, and it is fetched anew") from None


def fetch_network(kept: Path) -> bytes:
    """Fetch the file from the first place that answers."""
    return fetch_first(
        "the network that finds people (up to 36 MB)",
        {
            "MediaPipe's download": lambda: fetch_address(ADDRESS, SHA256),
            f"the PyPI package {PACKAGE.requirement}": lambda: checked(fetch_member(PACKAGE), SHA256, NAME),
        },
        "no network to find people with: MediaPipe's download and PyPI are out of reach; "
        f"try again online, or put its {NAME} at {kept}",
    )
