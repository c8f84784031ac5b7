"""Runs the network that tells people from their surroundings: with OpenVINO, else with PyTorch."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels
from livestyle.stylize.cutout import tflite
from livestyle.stylize.cutout.tflite import Step

Mask = NDArray[Any]
"""Which part of each pixel is person: float32 in [0, 1], (H, W)."""

MULTIPLE = 16
"""Width and height of what the network sees are multiples of this."""


class Segmenter(Protocol):
    """Finds people in pictures of one size. Made with the steps of the network, a height and a width."""

    def segment(self, pixels: Pixels) -> Mask:
        """Return how much of each pixel of *pixels*, uint8 RGB, (H, W, 3), is person: (H, W)."""


class OpenVINOSegmenter:
    """Runs the network on the CPU with OpenVINO; see ``Segmenter``."""

    def __init__(self, steps: Sequence[Step], height: int, width: int) -> None:
        from livestyle.stylize.backends.openvino import open_core

        core = open_core()  # first: it imports OpenVINO without the part that tells of each import
        import openvino as ov
        import openvino.opset13 as opset

        picture = opset.parameter([1, height, width, 3], np.uint8)
        x = opset.multiply(opset.convert(picture, "f32"), np.float32(1 / 255))
        maps: dict[int, Any] = {0: opset.transpose(x, np.array([0, 3, 1, 2]))}
        for step in steps:
            maps[step.output] = self._node(opset, step, *(maps[number] for number in step.inputs))
        model = ov.Model([maps[steps[-1].output]], [picture])
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        self._request = core.compile_model(model, "CPU", settings).create_infer_request()

    def segment(self, pixels: Pixels) -> Mask:
        """Return how much of each pixel is person; see ``Segmenter``."""
        self._request.get_input_tensor().data[0] = pixels
        self._request.infer()
        return self._request.get_output_tensor().data[0, 0].copy()

    @staticmethod
    def _node(ops: Any, step: Step, x: Any, y: Any = None) -> Any:
        """Return what *step* makes of the maps *x* and *y*."""
        strides, nothing, ones = [step.stride] * 2, [0, 0], [1, 1]
        weight, bias = step.weight, step.bias.reshape(1, -1, 1, 1)
        match step.kind:
            case tflite.CONVOLVE:
                kernel = np.ascontiguousarray(weight.transpose(0, 3, 1, 2))
                return ops.add(
                    ops.convolution(x, kernel, strides, nothing, nothing, ones, "same_upper"), bias
                )
            case tflite.CONVOLVE_EACH:
                kernel = np.ascontiguousarray(weight.transpose(3, 0, 1, 2))[:, :, None]
                convolved = ops.group_convolution(x, kernel, strides, nothing, nothing, ones, "same_upper")
                return ops.add(convolved, bias)
            case tflite.CUSTOM:
                kernel = np.ascontiguousarray(weight.transpose(3, 0, 1, 2))
                return ops.add(ops.convolution_backprop_data(x, kernel, strides), bias)
            case tflite.ENLARGE:
                sizes = np.array([2, 2], np.float32)
                return ops.interpolate(x, sizes, "linear_onnx", "scales", axes=np.array([2, 3]))
            case tflite.MEAN:
                return ops.reduce_mean(x, np.array([2, 3]), True)
            case tflite.ADD | tflite.MULTIPLY:
                return ops.add(x, y) if step.kind == tflite.ADD else ops.multiply(x, y)
        return {tflite.RELU: ops.relu, tflite.SIGMOID: ops.sigmoid, tflite.HARD_SWISH: ops.hswish}[step.kind](
            x
        )


class PyTorchSegmenter:
    """Runs the network on the CPU with PyTorch; see ``Segmenter``."""

    def __init__(self, steps: Sequence[Step], height: int, width: int) -> None:
        import torch

        self._torch = torch
        self._steps = steps
        self._weights = {
            step.output: (torch.from_numpy(self._kernel(step)), torch.from_numpy(step.bias))
            for step in steps
            if step.bias.size
        }

    def segment(self, pixels: Pixels) -> Mask:
        """Return how much of each pixel is person; see ``Segmenter``."""
        torch = self._torch
        with torch.inference_mode():
            picture = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
            maps = {0: picture.float() / 255}
            for step in self._steps:
                maps[step.output] = self._run(step, *(maps[number] for number in step.inputs))
            return maps[self._steps[-1].output][0, 0].numpy()

    @staticmethod
    def _kernel(step: Step) -> NDArray[np.float32]:
        """Return the weights of *step* in PyTorch's order."""
        axes = (0, 3, 1, 2) if step.kind == tflite.CONVOLVE else (3, 0, 1, 2)
        return np.ascontiguousarray(step.weight.transpose(axes))

    def _run(self, step: Step, x: Any, y: Any = None) -> Any:
        """Return what *step* makes of the maps *x* and *y*."""
        functional = self._torch.nn.functional
        match step.kind:
            case tflite.CONVOLVE | tflite.CONVOLVE_EACH:
                weight, bias = self._weights[step.output]
                groups = 1 if step.kind == tflite.CONVOLVE else x.shape[1]
                missing = max(weight.shape[-1] - step.stride, 0)  # where the stride divides the size
                before, after = missing // 2, missing - missing // 2
                padded = functional.pad(x, (before, after, before, after))
                return functional.conv2d(padded, weight, bias, step.stride, groups=groups)
            case tflite.CUSTOM:
                return functional.conv_transpose2d(x, *self._weights[step.output], step.stride)
            case tflite.ENLARGE:
                return functional.interpolate(x, scale_factor=2, mode="bilinear")
            case tflite.MEAN:
                return x.mean((2, 3), keepdim=True)
            case tflite.ADD | tflite.MULTIPLY:
                return x + y if step.kind == tflite.ADD else x * y
        known = {
            tflite.RELU: functional.relu,
            tflite.SIGMOID: functional.sigmoid,
            tflite.HARD_SWISH: functional.hardswish,
        }
        return known[step.kind](x)


def open_segmenter(steps: Sequence[Step], height: int, width: int) -> Segmenter:
    """Return what finds people in pictures of that size, with what is installed."""
    kind = OpenVINOSegmenter if importlib.util.find_spec("openvino") else PyTorchSegmenter
    return kind(steps, height, width)
