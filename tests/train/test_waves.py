"""Waves write a picture without loss, and long waves smaller than short ones."""

from __future__ import annotations

import pytest
import torch

from livestyle.train.waves import Waves


@pytest.mark.parametrize("size", [(32, 48), (33, 47)])
def test_what_is_written_is_painted_again(size: tuple[int, int]):
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    waves = Waves(size, picture.device)
    assert torch.allclose(waves.paint(waves.write(picture)), picture, atol=1e-5)


def test_long_waves_are_written_smaller_than_short_ones():
    waves = Waves((64, 64), torch.device("cpu"))
    across = torch.arange(64.0).expand(1, 3, 64, 64)
    smaller = [
        float(waves.write(wave).std() / wave.std())
        for wave in (torch.cos(across * 2 * torch.pi / length) for length in (64, 16, 2))
    ]
    assert smaller[0] < 0.5 * smaller[2]
    assert smaller[0] < smaller[1] < smaller[2] == pytest.approx(1, rel=1e-3)
