"""Every backend in the table paints what PyTorch paints in float32."""

import os
import platform
import signal
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import skimage.data

from livestyle.errors import DeviceUnavailable, LivestyleError, MissingExtra, UnknownName
from livestyle.styles.store import CATALOG
from livestyle.styles.style import SUFFIX, Credits, read_style, write_style
from livestyle.stylize.backends import BACKENDS, choose_backend, open_backend
from livestyle.stylize.backends.ranges import fit_for_8_bits
from livestyle.stylize.graph import read_layers
from livestyle.stylize.padding import pack, packed_shape, unpack

PRECISIONS = {"f32": 40, "bf16": 34, "f16": 34, "int8": 34}  # and the PSNR that each must reach
SIZES = [(96, 128), (97, 131), (1, 1), (2, 2), (30, 9)]


@pytest.fixture(scope="module")
def style(tmp_path_factory):
    return make_style(tmp_path_factory.mktemp("styles"), (32, 3))


def make_style(folder, shape):
    """Write a style whose strokes are noise, but with values as large as those of a real one."""
    import torch

    from livestyle.stylize.network import StyleNetwork, Tier

    torch.manual_seed(0)
    network = StyleNetwork(Tier(*shape))
    weights = {name: value * (3 if "stem" in name else 1.5) for name, value in network.state_dict().items()}
    return write_style(
        folder / "noise.safetensors",
        {name: w.numpy() for name, w in weights.items()},
        Credits("noise"),
        shape,
        {},
    )


def picture(height, width, seed=0):
    noise = np.random.default_rng(seed).uniform(0, 255, (height // 8 + 2, width // 8 + 2, 3))
    return cv2.resize(noise.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)


def psnr(a, b):
    return 10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9))


def open_or_skip(style, backend, precision):
    try:
        return open_backend(style, "cpu", backend, precision)
    except (MissingExtra, DeviceUnavailable) as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESTYLE_HOME", str(tmp_path))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", list(BACKENDS))
def test_paints_what_pytorch_paints(name, precision, style):
    backend = open_or_skip(style, name, precision)
    truth = open_backend(style, "cpu", "pytorch", "f32")
    for height, width in SIZES:
        pixels = picture(height, width)
        before = pixels.copy()
        painted = backend.paint(pixels)
        assert painted.shape == pixels.shape and painted.dtype == np.uint8
        assert psnr(painted, truth.paint(pixels)) >= PRECISIONS[precision], (height, width)
        assert np.array_equal(pixels, before)
    assert name in backend.description and precision in backend.description


@pytest.mark.parametrize("path", sorted(CATALOG.glob(f"*{SUFFIX}")), ids=lambda path: path.stem)
@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_a_clear_sky_in_the_styles_that_ship(path, precision):
    """Faint contrasts are what few bits lose: stripes would show."""
    sky = np.linspace((70, 100, 140), (130, 170, 230), 180)[:, None].repeat(320, 1).astype(np.uint8)
    style = read_style(path)
    if precision == "int8" and style.tier != "lite":
        pytest.skip("larger ones are painted in 8 bits only when that is asked for")
    truth = open_or_skip(style, "openvino", "f32").paint(sky)
    assert psnr(open_or_skip(style, "openvino", precision).paint(sky), truth) >= PRECISIONS[precision]


@pytest.mark.parametrize("path", sorted(CATALOG.glob(f"*{SUFFIX}")), ids=lambda path: path.stem)
def test_photos_in_8_bits_in_the_styles_that_ship(path):
    """What fills a photo drives a network farther than what fills a small picture: nothing may be cut off."""
    style = read_style(path)
    if style.tier != "lite":
        pytest.skip("larger ones are painted in 8 bits only when that is asked for")
    painted, truth = (open_or_skip(style, "openvino", precision) for precision in ("int8", "f32"))
    for name in ("astronaut", "coffee"):
        photo = cv2.resize(getattr(skimage.data, name)(), (640, 480), interpolation=cv2.INTER_AREA)
        assert psnr(painted.paint(photo), truth.paint(photo)) >= PRECISIONS["int8"], name


@pytest.mark.parametrize("tier", ["lite", "base"])
def test_8_bits_are_the_default_where_they_look_the_same(tier):
    if platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip("8 bits are chosen on x86 alone")
    style = read_style(CATALOG / f"candy{'' if tier == 'lite' else '.' + tier}{SUFFIX}")
    assert ("int8" in open_or_skip(style, "openvino", "auto").description) == (tier == "lite")


@pytest.mark.parametrize(
    ("architecture", "able", "channels", "chosen"),
    [
        ("intel64", "BF16 FP32 INT8", 32, "int8"),
        ("intel64", "BF16 FP32 INT8", 48, "bf16"),
        ("intel64", "FP32 INT8", 48, "f32"),
        ("arm64", "FP16 FP32 INT8", 32, "f16"),
        ("GPU: vendor=0x8086 arch=v12.2.0", "FP32 FP16 INT8", 32, "f16"),
    ],
)
def test_the_precision_that_is_chosen(architecture, able, channels, chosen):
    """8 bits are chosen where they were measured."""
    openvino = pytest.importorskip("livestyle.stylize.backends.openvino")
    properties = {"DEVICE_ARCHITECTURE": architecture, "OPTIMIZATION_CAPABILITIES": able.split()}
    core = SimpleNamespace(get_property=lambda device, name: properties[name])
    assert openvino.choose_precision(core, "CPU", "auto", channels) == chosen


def test_the_first_layer_in_8_bits_loses_next_to_nothing():
    """It reads the bytes as they are; what it takes for zero is half a level too light, and made up for."""
    openvino = pytest.importorskip("livestyle.stylize.backends.openvino")
    layers = read_layers(read_style(CATALOG / "candy.safetensors"))
    packed = np.empty(packed_shape(96, 128), np.uint8)
    pack(picture(96, 128), into=packed)

    def paint(ranges):
        model = openvino.make_model(layers, ranges, packed.shape)
        compiled = openvino.open_core().compile_model(model, "CPU", openvino.settings("f32"))
        return unpack(compiled(packed)[0], 96, 128)

    _, ranges = fit_for_8_bits(layers, openvino.measure_extremes(openvino.open_core(), layers))
    assert ranges[0] is None, "what the second layer reads are the contrasts of a sky"
    truth = paint(None)
    painted = paint([None] * len(ranges))
    assert not np.array_equal(painted, truth)
    assert psnr(painted, truth) > 50
    assert abs(painted.mean((0, 1)) - truth.mean((0, 1))).max() < 0.1


@pytest.mark.parametrize("name", list(BACKENDS))
def test_pictures_do_not_share_memory(name, style):
    backend = open_or_skip(style, name, "f32")
    first = backend.paint(picture(64, 64, 1))
    kept = first.copy()
    backend.paint(picture(64, 64, 2))
    assert np.array_equal(first, kept)


def test_what_is_cached_paints_the_same(style, tmp_path):
    pixels = picture(64, 96)
    first = open_or_skip(style, "openvino", "auto").paint(pixels)
    blobs = list(tmp_path.glob("cache/openvino/*.blob"))
    assert len(blobs) == 1
    assert np.array_equal(open_backend(style, "cpu", "openvino").paint(pixels), first)
    blobs[0].write_bytes(b"torn")
    assert np.array_equal(open_backend(style, "cpu", "openvino").paint(pixels), first)
    assert len(blobs[0].read_bytes()) > 1000  # mended


def test_what_8_bits_are_spread_over_is_measured_once_for_all_sizes(style, monkeypatch):
    backend = open_or_skip(style, "openvino", "int8")
    openvino = sys.modules[type(backend).__module__]
    measured, measure = [], openvino.measure_extremes
    monkeypatch.setattr(openvino, "measure_extremes", lambda *given: measured.append(1) or measure(*given))
    for side in (32, 48, 32):
        backend.paint(picture(side, side))
    assert measured == [1]


def test_the_cache_does_not_grow_for_ever(tmp_path, monkeypatch):
    openvino = pytest.importorskip("livestyle.stylize.backends.openvino")
    monkeypatch.setattr(openvino, "BLOBS_KEPT", 3)
    for number in range(6):
        openvino.keep(tmp_path / "kept" / f"{number}.blob", b"compiled")
        os.utime(tmp_path / "kept" / f"{number}.blob", (number, number))
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["3.blob", "4.blob", "5.blob"]


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(style, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("LIVESTYLE_HOME", str(tmp_path / "file"))
    assert open_or_skip(style, "openvino", "f32").paint(picture(8, 8)).shape == (8, 8, 3)


def test_a_wrong_shape_is_one_line(style, tmp_path):
    weights = style.read_weights()
    bad = write_style(tmp_path / "bad.safetensors", weights, Credits("bad"), (48, 4), {})
    for name in BACKENDS:
        with pytest.raises(LivestyleError, match=r"do not fit a network of shape.*; get the file again"):
            open_or_skip(bad, name, "f32")


def test_names_that_do_not_exist(style):
    with pytest.raises(UnknownName, match="did you mean 'openvino'"):
        open_backend(style, backend="openvin")
    for name in BACKENDS:
        for options in ({"device": "tpu"}, {"device": "cpu", "precision": "f8"}):
            with pytest.raises(
                (DeviceUnavailable, MissingExtra), match=r"here|possible|there are|pip install"
            ):
                open_backend(style, backend=name, **options)


def test_the_choice():
    assert choose_backend("cuda:1") == ("pytorch", "the one for cuda")
    assert choose_backend("gpu")[0] == "openvino"
    assert choose_backend("cpu")[0] in ("openvino", "pytorch")


@pytest.mark.parametrize("name", ["openvino", "onnx"])
def test_painting_without_pytorch(name, style, tmp_path):
    open_or_skip(style, name, "auto")
    code = (
        "import sys, numpy; from pathlib import Path; from livestyle.styles.style import read_style;"
        "from livestyle.stylize.backends import open_backend;"
        f"backend = open_backend(read_style(Path({str(style.path)!r})), 'cpu', {name!r});"
        "backend.paint(numpy.zeros((8, 8, 3), 'u1'));"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_after_a_failure_it_goes_on(style, monkeypatch):
    backend = open_or_skip(style, "openvino", "f32")
    expected = backend.paint(picture(16, 24))
    for _ in range(2):
        with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
            broken.setattr("livestyle.stylize.backends.openvino.pack", lambda pixels, into: 1 / 0)
            backend.paint(picture(16, 24))
    assert np.array_equal(backend.paint(picture(16, 24)), expected)


def test_onnx_says_so_when_libraries_are_missing(style, monkeypatch):
    """It has a provider for each device it was built for, and goes on without those it cannot load."""
    onnx = pytest.importorskip("livestyle.stylize.backends.onnx")
    monkeypatch.setitem(onnx.PROVIDERS, "mps", "AzureExecutionProvider")
    there = ["AzureExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnx.ort, "get_available_providers", lambda: there)
    session = SimpleNamespace(get_providers=lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(onnx.ort, "InferenceSession", lambda *_: session)
    with pytest.raises(DeviceUnavailable, match="missing"):
        onnx.OnnxBackend(style, "mps", "f32")
    assert onnx.OnnxBackend(style, "auto", "auto").description == "onnx cpu f32", "the next one"


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_packing_is_undone(height, width):
    pixels = picture(height, width)
    packed = np.empty(packed_shape(height, width), np.uint8)
    pack(pixels, into=packed)
    assert np.array_equal(unpack(packed, height, width), pixels)


def test_ctrl_c_after_a_change_of_style(style):
    """OpenVINO's plugin leaves a dangling stack for signals if it is opened twice."""
    code = (
        "import signal, numpy; from pathlib import Path; from livestyle.styles.style import read_style;"
        "from livestyle.stylize.backends import open_backend;"
        f"style = read_style(Path({str(style.path)!r}));"
        "first, second = open_backend(style, 'cpu'), open_backend(style, 'cpu', precision='f32');"
        "[one.paint(numpy.zeros((8, 8, 3), 'u1')) for one in (first, second)];"
        "first = None; second = None;"
        "signal.raise_signal(signal.SIGINT)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "KeyboardInterrupt" in done.stderr and done.returncode != -signal.SIGSEGV


@pytest.mark.parametrize("path", sorted(CATALOG.glob("*.safetensors")), ids=lambda path: path.stem)
def test_the_edge_of_a_picture_is_painted_like_its_middle(path):
    backend = open_backend(read_style(path), "cpu", "pytorch", "f32")
    whole = cv2.GaussianBlur(picture(200, 240), (0, 0), 2)
    far = 64
    wider = cv2.copyMakeBorder(whole, far, far, far, far, cv2.BORDER_REFLECT_101)
    difference = cv2.absdiff(backend.paint(whole), backend.paint(wider)[far:-far, far:-far])
    assert (
        difference[:4].mean() < 16 and difference[-4:].mean() < 16 and difference[60:-60, 60:-60].mean() < 0.1
    )


@pytest.mark.parametrize("path", sorted(CATALOG.glob("*.safetensors")), ids=lambda path: path.stem)
def test_the_edges_of_photos_are_painted_like_their_middles(path):
    """A style that paints a band where a photo ends does so on one photo more than on another."""
    backend = open_backend(read_style(path), "cpu", "pytorch", "f32")
    far, apart = 64, []
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        photo = cv2.resize(getattr(skimage.data, name)(), (320, 240), interpolation=cv2.INTER_AREA)
        wider = cv2.copyMakeBorder(photo, far, far, far, far, cv2.BORDER_REFLECT_101)
        apart.append(cv2.absdiff(backend.paint(photo), backend.paint(wider)[far:-far, far:-far]))
    mean = np.mean(apart, axis=(0, 3))
    edges = [edge.mean() for edge in (mean[:4], mean[-4:], mean[:, :4], mean[:, -4:])]
    assert max(edges) < 16, edges
    assert mean[80:-80, 80:-80].mean() < 0.1
