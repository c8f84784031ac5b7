"""What figures of speed are made of."""

from __future__ import annotations

import sys
import time

import av
import numpy as np
import pytest
import torch

from livestyle.errors import StageError
from livestyle.measure.contenders import scene, write_clip
from livestyle.measure.johnson import JohnsonNetwork
from livestyle.measure.speed import hardware, measure_videos, race, run, summarise


def test_all_run_in_turns_and_equally_often() -> None:
    calls: list[str] = []
    times = race({name: lambda name=name: calls.append(name) for name in "ab"}, 0)  # type: ignore[misc]
    assert calls[:2] == ["a", "b"]
    assert calls[2:10] == ["a"] * 4 + ["b"] * 4
    assert len(times["a"]) == len(times["b"]) == 9


def test_a_slow_one_measures_slow() -> None:
    times = race({"slow": lambda: time.sleep(0.01), "quick": lambda: None}, 0)
    slow, quick = (summarise(name, "network", (1, 1), times[name]) for name in ("slow", "quick"))
    assert slow.best_ms >= 10 > quick.p50_ms and slow.fps <= 100


def test_a_command_is_timed_with_its_memory() -> None:
    hold = "import time; a = bytearray(80_000_000); time.sleep(0.2)"
    (timing,) = measure_videos({"hold": [sys.executable, "-c", hold]}, (4, 4), frames=10, rounds=1)
    assert timing.frames == 10 and timing.best_ms >= 20 > timing.cpu_ms
    assert timing.peak_mb is None or timing.peak_mb > 80


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(StageError, match="no such luck"):
        run([sys.executable, "-c", "import sys; sys.exit('no such luck')"])


def test_the_clip_is_what_was_asked_for(tmp_path) -> None:
    write_clip(tmp_path / "clip.mp4", (128, 96), 5)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 5 and frames[0].shape == (96, 128, 3)
    assert np.abs(frames[0].astype(int) - frames[4]).mean() > 1, "it moves"


@pytest.mark.parametrize("size", [(640, 360), (1, 1), (3840, 2160)])
def test_a_scene_of_any_size(size: tuple[int, int]) -> None:
    assert scene(size).shape == (size[1], size[0], 3)


def test_the_common_network_has_its_known_size() -> None:
    network = JohnsonNetwork().eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, 3, 32, 40)).shape == (1, 3, 32, 40)
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_679_235  # as in pytorch/examples


def test_hardware_is_named() -> None:
    assert "cores" in hardware()
