"""Training lowers the loss, and a run that was killed ends like one that was not."""

import copy
import json
import math
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from livestyle.errors import (
    BadPicture,
    SinkUnavailable,
    StageError,
    UnknownName,
    UsageError,
    WeightsUnavailable,
)
from livestyle.pictures import read_picture
from livestyle.settings import MINUTES, TrainSettings
from livestyle.styles.store import CATALOG, list_styles
from livestyle.styles.style import Credits, read_style
from livestyle.stylize.backends.pytorch import load_network
from livestyle.stylize.network import TIERS, StyleNetwork, reach
from livestyle.stylize.padding import BORDER
from livestyle.train import fine, settle
from livestyle.train.checkpoint import save_checkpoint
from livestyle.train.losses import palette, palette_directions, style_loss
from livestyle.train.perceptual import load_perceptual
from livestyle.train.photos import Photos, open_photos
from livestyle.train.plan import COMPARED, later_steps, plan_steps
from livestyle.train.run import (
    Job,
    as_begun,
    preview_photos,
    recall_nearest,
    refuse_unfinished,
    train_style,
    warn_of_flicker,
)
from livestyle.train.start import choose_starts, find_start, sort_by_distance
from livestyle.train.trainer import Progress, Trainer, mirror, one_cycle, painting_grams, style_weight
from livestyle.train.vgg import Perceptual


def write_picture(path: Path, pixels):
    assert cv2.imwrite(str(path), pixels)


SETTINGS = TrainSettings(steps=10, crop=64, batch=2, style_size=96)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a painting, photos and (random) weights of the judge."""
    folder = tmp_path_factory.mktemp("studio")
    rng = np.random.default_rng(0)
    (folder / "photos").mkdir()
    for i in range(16):
        blocks = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        write_picture(folder / "photos" / f"{i:02}.png", blocks.repeat(20, 0).repeat(20, 1))
    stripes = np.tile(np.array([[[255, 0, 120]], [[20, 200, 200]]], np.uint8).repeat(8, 0), (10, 160, 1))
    write_picture(folder / "painting.png", stripes)
    torch.manual_seed(0)
    save_file(Perceptual().state_dict(), folder / "judge.safetensors")
    return folder


@pytest.fixture
def job(studio: Path, tmp_path: Path) -> Job:
    return Job(
        painting=studio / "painting.png",
        photos=studio / "photos",
        credits=Credits("stripes", title="Stripes"),
        out=tmp_path / "stripes.safetensors",
        settings=SETTINGS,
        device="cpu",
        perceptual=studio / "judge.safetensors",
    )


class Killed(Exception):
    """Stands for whatever ends a run from outside."""


def test_training_lowers_the_loss_and_writes_a_style(job: Job):
    seen = []
    style = train_style(replace(job, settings=replace(SETTINGS, steps=40)), seen.append)
    assert [progress.step for progress in seen] == list(range(1, 41))
    weights = [style_weight((progress.step - 1) / 40) for progress in seen]
    sums = [
        8 * progress.losses["style"] / weight + progress.losses["content"] + progress.losses["palette"]
        for progress, weight in zip(seen, weights, strict=True)
    ]
    assert np.mean(sums[-5:]) < 0.8 * np.mean(sums[:5])
    assert read_style(job.out).credits == style.credits
    assert style.credits.title == "Stripes"
    assert len(style.credits.source_sha256) == 64
    assert style.shape == TIERS["lite"]
    assert style.training["steps"] == 40
    previews = sorted(path.name for path in job.folder.glob("*.jpg"))
    assert "preview.jpg" in previews
    assert len(previews) > 5


def test_what_is_judged_is_painted_as_amid_a_larger_picture(job: Job):
    shown, judged = [], []

    class Network(StyleNetwork):
        def forward(self, pictures):
            shown.append(pictures.detach())
            return super().forward(pictures)

    class Judge(Perceptual):
        def forward(self, pictures, last=None):
            judged.append(pictures.detach())
            return super().forward(pictures, last)

    settings = replace(SETTINGS, steadiness=0)
    network, painting = Network(TIERS["lite"]), read_picture(job.painting)
    trainer = Trainer(
        network, painting, open_photos(job.photos, job.settings), Judge(), settings, CPU, reach(network.tier)
    )
    judged.clear()
    before = copy.deepcopy(network)
    trainer.step()
    trainer.close()
    wider = 32
    around = torch.nn.functional.pad(shown[0], (wider,) * 4, mode="reflect")
    cut = reach(network.tier) + wider
    with torch.no_grad():
        amid = before(around)[..., cut:-cut, cut:-cut]
    assert judged[0].shape[-1] == SETTINGS.crop
    assert torch.allclose(judged[0].float(), amid, atol=0.02)  # the step may calculate in bfloat16


def test_a_killed_run_resumes_and_ends_like_an_unbroken_one(job: Job, tmp_path: Path):
    unbroken = train_style(replace(job, out=tmp_path / "unbroken.safetensors"), lambda _: None)

    def kill(progress):
        if progress.step == 7:
            raise Killed

    with pytest.raises(Killed):
        train_style(job, kill)
    assert not job.out.exists()
    steps = []
    resumed = train_style(replace(job, resume=True), lambda progress: steps.append(progress.step))
    assert steps[0] == 8
    assert steps[-1] == 10
    logged = [json.loads(line)["step"] for line in (job.folder / "losses.jsonl").read_text().splitlines()]
    assert logged == list(range(1, 11))
    for name, weights in unbroken.read_weights().items():
        assert np.allclose(weights, resumed.read_weights()[name], atol=2e-2), name


def stop_at_once(job: Job) -> None:
    stop = threading.Event()
    assert train_style(job, lambda _: stop.set(), stop) is None


def test_a_run_goes_on_from_where_it_began_to_the_end_planned_then(job: Job, monkeypatch: pytest.MonkeyPatch):
    job = replace(job, settings=replace(SETTINGS, steps=2))
    stop_at_once(job)
    monkeypatch.setattr("livestyle.train.run.choose_starts", None)  # nothing is searched for again
    again = replace(job, resume=True)
    with pytest.raises(UsageError, match="begun with --init none, which --init udnie cannot change"):
        train_style(replace(again, start_from="udnie"), lambda _: None)
    with pytest.raises(UsageError, match="begun with --steps 2, which --steps 50 cannot change"):
        train_style(replace(again, settings=replace(SETTINGS, steps=50)), lambda _: None)
    with pytest.raises(UsageError, match="begun with --steps 2, which --minutes 3 cannot change"):
        train_style(replace(again, minutes=3), lambda _: None)
    unsaid = replace(again, start_from="auto", minutes=MINUTES, settings=replace(SETTINGS, steps=900))
    style = train_style(unsaid, lambda _: None)
    assert (style.training["steps"], style.training["init"]) == (2, "none")


def test_a_run_that_was_begun_with_minutes_takes_as_many_when_it_goes_on(job: Job):
    job = replace(job, minutes=0.05, settings=replace(SETTINGS, steps=1_000_000))
    stop_at_once(job)
    with pytest.raises(UsageError, match=r"begun with --minutes 0\.05, which --steps 10 cannot change"):
        train_style(replace(job, resume=True, minutes=None, settings=SETTINGS), lambda _: None)
    seen = []
    train_style(replace(job, resume=True, minutes=MINUTES, settings=replace(SETTINGS, steps=9)), seen.append)
    assert seen[-1].step == seen[-1].steps < 1000


def test_a_painting_that_is_moved_meanwhile_is_not_missed(job: Job, tmp_path: Path):
    painting = tmp_path / "moved.png"
    painting.write_bytes(job.painting.read_bytes())
    known_by = sha256(painting.read_bytes()).hexdigest()
    job = replace(job, painting=painting, settings=replace(SETTINGS, steps=2))
    style = train_style(job, lambda _: painting.unlink(missing_ok=True))
    assert style.credits.source_sha256 == known_by


def test_a_run_that_is_asked_to_stop_writes_no_style_and_can_be_resumed(job: Job):
    stop = threading.Event()
    assert train_style(job, lambda _: stop.set(), stop) is None
    assert not job.out.exists()
    steps = []
    assert train_style(replace(job, resume=True), lambda progress: steps.append(progress.step)) is not None
    assert steps[0] == 2


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_previews_show_the_same_three_photos_whatever_the_batch(job: Job, batch: int):
    few, many = (open_photos(job.photos, replace(SETTINGS, batch=n)) for n in (batch, 8))
    first = many.crops(0)[:3].permute(0, 2, 3, 1) * 255
    assert np.array_equal(np.stack(preview_photos(few)), first.round().byte().numpy())


def test_minutes_plan_the_steps(job: Job):
    seen = []
    train_style(replace(job, minutes=0.05, settings=replace(SETTINGS, steps=1000)), seen.append)
    assert 8 <= seen[-1].steps < 1000
    assert seen[-1].step == seen[-1].steps


def test_a_style_can_start_another(job: Job, tmp_path: Path, studio: Path):
    first = train_style(job, lambda _: None)
    seen = []
    again = replace(job, start_from=str(first.path), out=tmp_path / "second.safetensors")
    second = train_style(again, seen.append)
    assert second.training["init"] == str(first.path)
    larger = replace(again, settings=replace(SETTINGS, tier="base"), out=tmp_path / "larger.safetensors")
    larger_style = train_style(larger, seen.append)
    assert larger_style.shape == TIERS["base"]
    with pytest.raises(UsageError, match="larger than tier lite"):
        train_style(replace(again, start_from=str(larger_style.path)), seen.append)


def test_a_style_grows_from_its_largest_smaller_tier():
    assert [find_start("candy", tier).tier for tier in TIERS] == ["lite", "base", "base"]
    with pytest.raises(UnknownName, match="tier"):
        find_start("candy", "huge")


def test_auto_starts_from_the_style_that_paints_most_like_the_painting(
    job: Job, studio: Path, tmp_path: Path
):
    painting, photos = read_picture(job.painting), open_photos(job.photos, job.settings)
    judge = load_perceptual(tmp_path, studio / "judge.safetensors")
    starts = choose_starts("auto", SETTINGS, painting, photos, judge)
    grams = painting_grams(painting, SETTINGS.style_size, judge)
    shipped = [style for style in list_styles("lite") if style.path.parent == CATALOG]
    crops = photos.crops(0)[:2]
    assert len(shipped) > 2
    distances = {}
    for style in shipped:
        with torch.no_grad():
            painted = load_network(style)(crops)[:, :, BORDER:-BORDER, BORDER:-BORDER]
            distances[style.name] = float(style_loss(judge(painted), grams))
    assert [style.name for style in starts] == sorted(distances, key=distances.get)
    searching = replace(job, start_from="auto", settings=replace(SETTINGS, steps=1))
    trained = train_style(searching, lambda _: None)
    assert trained.training["init"] == starts[0].name
    nearest = tuple(style.name for style in starts[:COMPARED])
    assert recall_nearest(job) == nearest, "with these it is compared"
    train_style(replace(searching, resume=True), lambda _: None)
    assert recall_nearest(job) == nearest
    assert sort_by_distance([], crops, grams, judge) == []


def test_a_restless_painting_is_told(job: Job, studio: Path, caplog: pytest.LogCaptureFixture):
    restless = {"relu1_2": torch.eye(4) * 1e4}
    warn_of_flicker(job, {"relu1_2": torch.eye(4)})
    warn_of_flicker(replace(job, settings=replace(SETTINGS, steadiness=5.0)), restless)
    assert not caplog.records
    warn_of_flicker(job, restless)
    assert "will flicker" in caplog.text and "--steadiness 5" in caplog.text


def test_a_run_of_minutes_is_planned_anew_when_it_was_killed_at_once(job: Job):
    job = replace(job, minutes=0.05, settings=replace(SETTINGS, steps=1000))

    def kill(progress):
        if progress.step == 3:
            raise Killed

    with pytest.raises(Killed):
        train_style(job, kill)
    seen = []
    assert train_style(replace(job, resume=True), seen.append) is not None
    assert seen[0].step == 4 and seen[-1].step == seen[-1].steps < 1000


def test_a_new_run_leaves_nothing_to_look_at_of_the_one_before(job: Job):
    job.folder.mkdir(parents=True)
    left = [job.folder / name for name in ("preview-000900.jpg", "report.html")]
    for path in left:
        path.touch()
    assert train_style(job, lambda _: None) is not None
    assert (job.folder / "preview.jpg").exists() and not any(path.exists() for path in left)


def test_a_run_that_was_ended_is_not_lost_to_a_new_one(job: Job):
    refuse_unfinished(job)
    stop = threading.Event()
    train_style(job, lambda _: stop.set(), stop)
    with pytest.raises(UsageError, match="at step 1 of 10; add --resume"):
        refuse_unfinished(job)
    train_style(replace(job, resume=True), lambda _: None)
    refuse_unfinished(job)


@pytest.mark.parametrize("settings", [{"steps": "9"}, {"steps": 9, "colour": 1}, {"batch": 0}, []])
def test_a_checkpoint_that_nothing_can_go_on_from_is_no_run(job: Job, settings: object):
    save_checkpoint({"done": 3, "settings": settings}, job.checkpoint)
    refuse_unfinished(job)
    assert as_begun(job) == job


def test_a_run_that_was_ended_while_it_settles_is_kept_and_can_be_resumed(job: Job):
    stop = threading.Event()

    def say(text):
        if "settling" in text:
            stop.set()

    assert train_style(job, lambda _: None, stop, say) is None and stop.is_set()
    assert not job.out.exists()
    with pytest.raises(UsageError, match="at step 10 of 10; add --resume"):
        refuse_unfinished(job)
    assert train_style(replace(job, resume=True), lambda _: None) is not None
    refuse_unfinished(job)


def test_a_run_that_was_ended_while_it_learns_to_paint_at_half_size_can_be_resumed(job: Job):
    stop = threading.Event()

    def say(text):
        if "half size" in text:
            stop.set()

    assert train_style(job, lambda _: None, stop, say) is None and stop.is_set()
    assert not job.out.exists()
    style = train_style(replace(job, resume=True), lambda _: None)
    assert style is not None and style.has_fine


def test_colours_count_as_much_as_is_said(job: Job):
    first = []
    for share in (1.0, 0.25, 0.0):
        trainers = replace(job, settings=replace(SETTINGS, steps=1, palette=share))
        train_style(trainers, lambda progress: first.append(progress.losses))
    assert first[0]["palette"] > 0
    assert [losses["palette"] / first[0]["palette"] for losses in first] == pytest.approx([1, 0.25, 0])
    assert [losses["content"] for losses in first] == pytest.approx(3 * [first[0]["content"]])


def test_each_part_of_a_run_is_told_and_tells_its_steps_apart(job: Job):
    trained, settled, told = [], [], []
    job = replace(job, settings=replace(SETTINGS, steps=2), start_from="auto")
    train_style(job, trained.append, None, told.append, settled.append)
    assert [progress.step for progress in settled] == 2 * [progress.step for progress in trained]
    names = [name for progress in settled for name in progress.losses]
    assert names == len(trained) * ["settle"] + len(trained) * ["fine"]
    assert told == [
        "getting ready: looking for the style nearest to the painting",
        f"part 1 of 4: training, from {read_style(job.out).training['init']}",
        "part 2 of 4: settling edges and noise, in quick steps",
        "part 3 of 4: learning to paint at half size, in quick steps",
    ]


def test_the_time_left_is_that_of_all_that_follows(job: Job):
    trained, settled = [], []
    for tier, last in (
        ("lite", [settle.STEP_SHARE / (settle.STEP_SHARE + fine.STEP_SHARE), 1]),
        ("base", [1]),
    ):
        settings = replace(SETTINGS, tier=tier, steps=2)
        train_style(replace(job, settings=settings), trained.append, on_later_steps=settled.append)
        assert trained[-1].share == pytest.approx(2 / (2 + later_steps(settings, 2)))
        assert [progress.share for progress in settled if progress.step == 2] == pytest.approx(last)
        settled.clear()


def test_what_is_painted_live_learns_to_paint_at_half_size_and_the_time_for_it_is_planned(job: Job):
    style = train_style(job, lambda _: None)
    assert style is not None and style.has_fine
    base = replace(SETTINGS, tier="base")
    assert later_steps(base, 9999) < later_steps(SETTINGS, 9999)
    assert later_steps(base, 0) > 5, "for the comparison"
    assert later_steps(replace(SETTINGS, steadiness=0.0), 9) == 2 * later_steps(SETTINGS, 9)
    for settings in (SETTINGS, base, replace(SETTINGS, steadiness=0.0, batch=1)):
        assert plan_steps(settings, 0) < 1
        for fitting in (100, 500, 5000):
            planned = plan_steps(settings, fitting)
            assert planned + later_steps(settings, planned) <= fitting
            assert planned + 1 + later_steps(settings, planned + 1) > fitting
    larger = train_style(replace(job, settings=replace(base, steps=1)), lambda _: None)
    assert larger is not None and not larger.has_fine


def test_resuming_with_other_settings_or_from_nothing_is_refused(job: Job, tmp_path: Path):
    with pytest.raises(UsageError, match="no run to go on from"):
        train_style(replace(job, resume=True), lambda _: None)
    job.folder.mkdir(parents=True)
    job.checkpoint.write_bytes(b"no checkpoint")
    with pytest.raises(UsageError, match="not a checkpoint"):
        train_style(replace(job, resume=True), lambda _: None)
    train_style(job, lambda _: None)
    write_picture(tmp_path / "other.png", np.zeros((160, 160, 3), np.uint8))
    with pytest.raises(UsageError, match="another painting"):
        train_style(replace(job, resume=True, painting=tmp_path / "other.png"), lambda _: None)
    other = replace(job, resume=True, settings=replace(SETTINGS, style_strength=2.0))
    with pytest.raises(UsageError, match="other settings"):
        train_style(other, lambda _: None)


def test_bad_input_is_one_clear_error(job: Job, studio: Path, tmp_path: Path):
    small = tmp_path / "small.png"
    write_picture(small, np.zeros((20, 20, 3), np.uint8))
    (tmp_path / "few").mkdir()
    for changed, error, text in (
        ({"painting": tmp_path / "no.png"}, BadPicture, "no picture"),
        ({"painting": studio / "judge.safetensors"}, BadPicture, "not a picture"),
        ({"painting": small}, UsageError, "20×20"),
        ({"photos": tmp_path / "none"}, UsageError, "no folder"),
        ({"photos": tmp_path / "few"}, UsageError, "holds 0 photos that can be read, as JPEG"),
        ({"settings": replace(SETTINGS, tier="heavy")}, UnknownName, "no tier named 'heavy'"),
        ({"credits": Credits("Bad Name")}, UsageError, "cannot be named"),
        *(({"minutes": n}, UsageError, "minutes must be") for n in (math.inf, math.nan, 1e300, 0.0)),
    ):
        with pytest.raises(error, match=text):
            train_style(replace(job, **changed), lambda _: None)


def test_bad_input_is_told_before_weights_are_fetched(job: Job, tmp_path: Path):
    job = replace(job, perceptual=tmp_path / "none.pth")
    with pytest.raises(WeightsUnavailable):
        train_style(job, lambda _: None)
    with pytest.raises(UnknownName, match="no style named 'candi'; did you mean 'candy'"):
        train_style(replace(job, start_from="candi"), lambda _: None)
    with pytest.raises(UsageError, match="larger than tier lite"):
        train_style(replace(job, start_from=str(CATALOG / "candy.base.safetensors")), lambda _: None)
    (tmp_path / "broken").mkdir()
    for i in range(16):
        (tmp_path / "broken" / f"{i}.png").write_bytes(b"nothing")
    refused = replace(job, photos=tmp_path / "broken", credits=Credits(name="refused"))
    with pytest.raises(UsageError, match="holds 0 photos"):
        train_style(refused, lambda _: None)
    assert not refused.folder.exists(), "it leaves nothing behind"


def test_two_trainings_of_one_name_are_kept_apart(job: Job):
    told = []

    def train_again(_: Progress) -> None:
        with pytest.raises(UsageError, match="is running") as caught:
            train_style(job, told.append)
        told.append(str(caught.value))
        with pytest.raises(UsageError, match="is running"):  # and not: was ended
            refuse_unfinished(job)

    assert train_style(replace(job, settings=replace(SETTINGS, steps=1)), train_again) is not None
    assert len(told) == 1
    assert not (job.folder / "lock").exists()  # it is free again


def test_where_nothing_can_be_written(job: Job, livestyle_home: Path):
    livestyle_home.write_text("a file where a folder should be")
    with pytest.raises(SinkUnavailable, match="cannot write"):
        train_style(job, lambda progress: None)


def test_a_folder_that_cannot_be_made_is_no_full_disk(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(SinkUnavailable, match="cannot write") as caught:
        save_checkpoint({}, tmp_path / "file" / "checkpoint.pt")
    assert "disk" not in str(caught.value)


def test_a_full_disk_is_one_clear_error(tmp_path: Path):
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(SinkUnavailable, match="disk full"):
            save_checkpoint({"weights": torch.zeros(1_000_000)}, tmp_path / "checkpoint.pt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


def test_what_is_kept_of_the_palette_serves_gradients():
    palette_directions.cache_clear()
    picture = torch.rand(1, 3, 32, 32, requires_grad=True)
    with torch.inference_mode():
        palette(torch.rand(1, 3, 32, 32))
    sum(colours.sum() for colours in palette(picture)).backward()
    assert picture.grad is not None


def test_a_device_without_memory_is_one_clear_error(job: Job, monkeypatch: pytest.MonkeyPatch):
    def step(trainer: Trainer) -> Progress:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")

    monkeypatch.setattr(Trainer, "step", step)
    with pytest.raises(StageError, match="smaller --batch or --style-size"):
        train_style(job, lambda _: None)
    assert job.checkpoint.exists()


@pytest.mark.parametrize("ahead", [1, 8])
def test_photos_are_loaded_ahead_in_order(studio: Path, ahead: int):
    photos = Photos(studio / "photos", size=48, batch=2, seed=3)
    settings = TrainSettings(steps=6, crop=64)
    trainer = SimpleNamespace(
        done=0, photos=photos, settings=settings, device=CPU, margin=BORDER, _ahead=ahead, _waiting={}
    )
    with ThreadPoolExecutor(min(ahead, 4)) as trainer._loader:
        for step in (0, 1, 2, 5):
            trainer.done = step
            crops = Trainer._crops(trainer, torch.Generator())  # type: ignore[arg-type]
            assert torch.equal(crops, photos.crops(step))
            assert {step + 1, step + ahead} <= set(trainer._waiting)


def test_where_photos_are_mirrored_tells_nothing_about_what_is_judged():
    """A network that knew where the judge begins would paint a line there."""
    columns = torch.arange(112.0).expand(1, 3, 112, 112)
    found = []
    for seed in range(40):
        mirrored = mirror(columns, 32, torch.Generator().manual_seed(seed))
        assert mirrored.shape == (1, 3, 176, 176)
        found.append(int(mirrored[0, 0, 0].argmin()))  # where the first column came to lie
    assert min(found) < 32 - BORDER // 2 and max(found) > 32 + BORDER // 2 and len(set(found)) > 15
    assert torch.equal(mirror(columns, 0, torch.Generator()), columns)


def test_photos_are_the_same_for_the_same_step(studio: Path):
    photos = Photos(studio / "photos", size=64, batch=2, seed=1)
    assert torch.equal(photos.crops(3), photos.crops(3))
    assert not torch.equal(photos.crops(3), photos.crops(4))
    assert photos.crops(3).shape == (2, 3, 64, 64)


def test_photos_that_do_not_decode_are_passed_over(
    studio: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    for path in (studio / "photos").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for i in range(8):
        (tmp_path / f"broken{i}.jpg").write_bytes(b"\xff\xd8 not a photo")
    assert Photos(tmp_path, size=64, batch=8, seed=0).crops(0).shape[0] == 8
    for path in tmp_path.glob("*.png"):
        path.write_bytes(b"nothing")
    with pytest.raises(UsageError, match="holds 0 photos that can be read"):
        Photos(tmp_path, size=64, batch=8, seed=0)
    *named, rest = [record.getMessage() for record in caplog.records[-4:]]
    assert len(set(named)) == 3 and "more such photos" in rest  # a folder of thousands floods no terminal


def test_photos_are_found_among_any_number_that_do_not_decode(studio: Path, tmp_path: Path):
    for path in (studio / "photos").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for i in range(2000):
        (tmp_path / f"broken{i}.jpg").touch()
    photos = Photos(tmp_path, size=64, batch=2, seed=0)
    for step in range(20):
        photos.crops(step)
    again = Photos(tmp_path, size=64, batch=2, seed=0)  # as a resumed run, which has not seen what is broken
    assert torch.equal(again.crops(19), photos.crops(19))
    for path in tmp_path.glob("*.png"):
        path.unlink()
    with pytest.raises(UsageError, match="none of the photos can be read any more"):
        photos.crops(0)


def test_norms_freeze_in_the_last_part(studio: Path):
    torch.manual_seed(0)
    photos = Photos(studio / "photos", size=64 + 2 * BORDER, batch=2, seed=0)
    painting = np.random.default_rng(0).integers(0, 255, (96, 96, 3), dtype=np.uint8)
    network = StyleNetwork(TIERS["lite"], "batch")
    trainer = Trainer(network, painting, photos, Perceptual(), replace(SETTINGS, steps=10), CPU, BORDER)
    for _ in range(7):
        trainer.step()
    before = network.stem.norm.running_mean.clone()
    trainer.step()
    trainer.close()
    assert torch.equal(network.stem.norm.running_mean, before)


def test_how_many_photos_are_in_a_step_does_not_change_what_losses_are_calibrated_by(studio: Path):
    painting = np.random.default_rng(0).integers(100, 120, (96, 96, 3), dtype=np.uint8)
    judge, weights = Perceptual(), []
    for batch in (1, 3):
        photos = Photos(studio / "photos", size=64 + 2 * BORDER, batch=batch, seed=0)
        trainer = Trainer(StyleNetwork(TIERS["lite"]), painting, photos, judge, SETTINGS, CPU, BORDER)
        trainer.close()
        weights.append(trainer.tap_weights)
    assert weights[0] == weights[1]
    assert min(weights[0].values()) < 1


def test_the_learning_rate_rises_and_falls():
    rates = [one_cycle(part / 100) for part in range(101)]
    assert max(rates) == pytest.approx(1, abs=1e-3)
    assert rates.index(max(rates)) == 5
    assert rates[-1] < 0.03
