"""What tests of all rooms share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of test clips, photos and flows beside the repository; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data here")
    return SHARED
