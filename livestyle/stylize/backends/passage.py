"""The way of a picture on a device: from its pixels to the painted ones, all of it in tensors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from livestyle.stylize.device.sampling import to_picture, to_tensor
from livestyle.stylize.device.smoother import NUMBERS, State, prepare, smooth
from livestyle.stylize.network import StyleNetwork
from livestyle.stylize.padding import BORDER, STRIDE

PLAN = NUMBERS + 1
"""Numbers that say how a picture is to be painted: those of ``DeviceSmoother.plan``, and the strength."""


class Passage:
    """The way of pictures of one size through *network*, on its device and in its precision."""

    def __init__(self, network: StyleNetwork, height: int, width: int) -> None:
        self._network = network
        device = network.out.conv.weight.device
        self._rows, self._columns = (reflections(side).to(device) for side in (height, width))

    def paint(self, picture: Tensor, state: State | None, plan: Tensor) -> Tensor:
        """Paint *picture* where it is, without waiting for anything.

        Args:
            picture: uint8 RGB, (H, W, 3), on the device of the network.
            state: the past, read and changed; None paints the picture by itself.
            plan: the ``PLAN`` numbers, on that device; of no matter where there is no state.

        Returns:
            The painting, same shape, type and device.
        """
        levels = to_tensor(picture)
        if state is None:
            return to_picture(self._stylize(levels))
        calm, motion = prepare(state, levels, plan[:NUMBERS])
        steady = smooth(state, motion, self._stylize(calm).round(), plan)
        return to_picture(torch.lerp(calm, steady, plan[NUMBERS]))

    def _stylize(self, levels: Tensor) -> Tensor:
        """Return what the network makes of *levels*, (1, 3, H, W), in [0, 255]."""
        height, width = levels.shape[2:]
        padded = levels.index_select(2, self._rows).index_select(3, self._columns)
        padded = padded.to(self._network.out.conv.weight.dtype, memory_format=torch.channels_last) / 255
        painted = self._network(padded)[..., BORDER : BORDER + height, BORDER : BORDER + width]
        return painted.float() * 255


def reflections(side: int) -> Tensor:
    """Return which row, or column, each one of the padded picture shows; as ``padding.pad`` does it."""
    behind = BORDER + -side % STRIDE
    return torch.from_numpy(np.pad(np.arange(side), (BORDER, behind), mode="reflect"))
