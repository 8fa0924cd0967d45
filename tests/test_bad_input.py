"""What a user can do wrong: each mistake is answered by what and remedy, exit code 2, no traceback, and nothing is touched."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from foveate import cli
from foveate.core.run import Run

ENCODER = "random:foveate:resnet9"
DIGITS = "builtin:digits[0:200]"
Build = Callable[[Path], list[str]]

CASES: dict[str, tuple[Build, str]] = {}


def case(name: str, words: str) -> Callable[[Build], Build]:
    """Register a mistake: a function from an empty folder to the arguments, and a word that the answer must hold."""

    def register(build: Build) -> Build:
        assert name not in CASES
        CASES[name] = (build, words)
        return build

    return register


def plain(name: str, words: str, *arguments: str) -> None:
    """A mistake that needs no files; ``{}`` in an argument is the empty folder."""
    case(name, words)(lambda folder: [argument.replace("{}", str(folder)) for argument in arguments])


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────
plain("unknown verb", "probe", "prove", ENCODER, DIGITS)
plain("unknown flag", "--tapz", "probe", ENCODER, DIGITS, "--tapz", "pooled")
plain("encoder without scheme", "timm:resnet18", "probe", "resnet18", DIGITS)
plain("empty encoder", "empty", "probe", "", DIGITS)
plain("nothing after the scheme", "timm:", "probe", "timm:", DIGITS)
plain("unknown encoder scheme", "timm", "probe", "tim:resnet18", DIGITS)
plain("unknown timm name", "resnet18", "probe", "random:resnet81", DIGITS)
plain("unknown foveate encoder", "resnet9", "probe", "foveate:resnet99", DIGITS)
plain("unknown data scheme", "folder", "probe", ENCODER, "foldr:photos")
plain("data without scheme", "SCHEME", "probe", ENCODER, "photos")
plain("unknown built-in", "digits", "probe", ENCODER, "builtin:digit")
plain("unknown split", "test", "probe", ENCODER, "builtin:digits@tset")
plain("slice of words", "[a:b]", "probe", ENCODER, "builtin:digits[one:two]")
plain("slice without colon", "[a:b]", "probe", ENCODER, "builtin:digits[5]")
plain("slice backwards", "[a:b]", "probe", ENCODER, "builtin:digits[9:3]")
plain("slice beyond the end", "rows", "probe", ENCODER, "builtin:digits[99999:]")
plain("scheme of data for an encoder", "encoder scheme", "probe", "folder:x", DIGITS)
plain("scheme of encoders for data", "data scheme", "probe", ENCODER, "timm:resnet18")

# ── data ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
plain("missing folder", "absent", "probe", ENCODER, "folder:{}/absent")
plain("missing parquet", "absent", "probe", ENCODER, "parquet:{}/absent.parquet")
plain("missing tar", "absent", "probe", ENCODER, "wds:{}/absent.tar")
plain("no tar fits the pattern", "shard", "probe", ENCODER, "wds:{}/shard-{000..003}.tar")
plain("missing coco file", "absent", "probe", ENCODER, "coco:{}/absent.json")
plain("missing davis folder", "absent", "probe", ENCODER, "davis:{}/absent", "--task", "vos")
plain("no videos to follow", "davis:", "probe", ENCODER, DIGITS.partition("[")[0], "--task", "vos")
plain("hub without network", "hf:", "probe", ENCODER, "hf:nobody/nothing-at-all")
plain("test set of other classes", "class", "probe", ENCODER, DIGITS, "--test", "builtin:shapes")


def photos(folder: Path, classes: dict[str, int], size: int = 32) -> Path:
    """A folder of noise pictures, so many for each class; a class called '' lies flat."""
    generator = np.random.default_rng(0)
    for name, count in classes.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            Image.fromarray(generator.integers(0, 255, (size, size, 3), np.uint8)).save(folder / name / f"{index}.png")
    return folder


@case("bare path that exists", "folder:")
def _(folder: Path) -> list[str]:
    return ["probe", ENCODER, str(photos(folder / "photos", {"a": 2}))]


@case("empty folder", "no image")
def _(folder: Path) -> list[str]:
    (folder / "photos").mkdir()
    return ["probe", ENCODER, f"folder:{folder}/photos"]


@case("folder of texts", "no image")
def _(folder: Path) -> list[str]:
    (folder / "photos" / "a").mkdir(parents=True)
    (folder / "photos" / "a" / "note.txt").write_text("not an image")
    return ["probe", ENCODER, f"folder:{folder}/photos"]


@case("a file for a folder", "folder")
def _(folder: Path) -> list[str]:
    (folder / "photos").write_text("")
    return ["probe", ENCODER, f"folder:{folder}/photos"]


@case("unlabelled images where labels are needed", "label")
def _(folder: Path) -> list[str]:
    return ["probe", ENCODER, f"folder:{photos(folder / 'flat', {'': 40})}"]


@case("one class", "class")
def _(folder: Path) -> list[str]:
    return ["probe", ENCODER, f"folder:{photos(folder / 'one', {'a': 40})}"]


@case("fewer images than k", "k")
def _(folder: Path) -> list[str]:
    return ["probe", ENCODER, f"folder:{photos(folder / 'few', {'a': 6, 'b': 6})}"]


@case("too many broken images", "cannot be read")
def _(folder: Path) -> list[str]:
    photos(folder / "broken", {"a": 30, "b": 30})
    for index in range(20):
        (folder / "broken" / "a" / f"{index}.png").write_bytes(b"\x89PNG broken")
    return ["probe", ENCODER, f"folder:{folder}/broken"]


@case("a parquet that is none", "junk.parquet")
def _(folder: Path) -> list[str]:
    (folder / "junk.parquet").write_bytes(b"junk")
    return ["probe", ENCODER, f"parquet:{folder}/junk.parquet"]


@case("a table without images", "image")
def _(folder: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"x": [1, 2], "label": [0, 1]}), folder / "rows.parquet")
    return ["probe", ENCODER, f"parquet:{folder}/rows.parquet"]


@case("a torn tar", "torn.tar")
def _(folder: Path) -> list[str]:
    (folder / "torn.tar").write_bytes(b"0" * 700)
    return ["probe", ENCODER, f"wds:{folder}/torn.tar"]


@case("a torn coco file", "torn.json")
def _(folder: Path) -> list[str]:
    (folder / "torn.json").write_text('{"images": [')
    return ["probe", ENCODER, f"coco:{folder}/torn.json"]


# ── encoders ─────────────────────────────────────────────────────────────────────────────────────────────────────────
plain("unknown tap", "stages", "embed", ENCODER, DIGITS, "--taps", "stagez.1")
plain("block that is not there", "blocks", "embed", "random:foveate:vit-tiny", DIGITS, "--taps", "blocks.99")
plain("unknown readout", "mean", "embed", ENCODER, DIGITS, "--taps", "stages.1:max")
plain("cls of a CNN", "cls", "embed", ENCODER, DIGITS, "--taps", "stages.1:cls")
plain("projector of a plain encoder", "projector", "embed", ENCODER, DIGITS, "--taps", "projector")
plain("missing local folder", "absent", "probe", "local-dir:{}/absent", DIGITS)
plain("missing run", "absent", "probe", "run:{}/absent", DIGITS)
plain("torchhub without trust", "--trust-code", "probe", "torchhub:pytorch/vision:resnet18", DIGITS)
plain("unknown device", "device", "probe", ENCODER, DIGITS, "--device", "abacus")
plain("device that this machine lacks", "device", "probe", ENCODER, DIGITS, "--device", "cuda:63")
plain("ray that is not installed", "ray", "embed", ENCODER, DIGITS, "--engine", "ray")


def local_encoder(folder: Path, **more: torch.Tensor) -> Path:
    """A small timm network as a local-dir: folder."""
    import timm

    folder.mkdir(parents=True)
    model = timm.create_model("resnet10t", num_classes=3)
    save_file(
        {name: tensor.contiguous() for name, tensor in (model.state_dict() | more).items()},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps({"architecture": "resnet10t", "num_classes": 3}))
    return folder


@case("pickled weights", "convert")
def _(folder: Path) -> list[str]:
    encoder = local_encoder(folder / "encoder")
    (encoder / "model.safetensors").unlink()
    torch.save({"weight": torch.zeros(2)}, encoder / "pytorch_model.bin")
    return ["probe", f"local-dir:{encoder}", DIGITS]


@case("truncated safetensors", "model.safetensors")
def _(folder: Path) -> list[str]:
    file = local_encoder(folder / "encoder") / "model.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return ["probe", f"local-dir:{folder}/encoder", DIGITS]


@case("weights of another network", "fit")
def _(folder: Path) -> list[str]:
    encoder = local_encoder(folder / "encoder")
    save_file({"weight": torch.zeros(2)}, encoder / "model.safetensors")
    return ["probe", f"local-dir:{encoder}", DIGITS]


@case("folder without config", "config.json")
def _(folder: Path) -> list[str]:
    (local_encoder(folder / "encoder") / "config.json").unlink()
    return ["probe", f"local-dir:{folder}/encoder", DIGITS]


@case("torn config", "config.json")
def _(folder: Path) -> list[str]:
    (local_encoder(folder / "encoder") / "config.json").write_text('{"architecture": ')
    return ["probe", f"local-dir:{folder}/encoder", DIGITS]


@case("weights that are not finite", "finite")
def _(folder: Path) -> list[str]:
    encoder = local_encoder(folder / "encoder", **{"bn1.weight": torch.full((64,), float("nan"))})
    return ["probe", f"local-dir:{encoder}", DIGITS]


@case("a run without checkpoints", "checkpoint")
def _(folder: Path) -> list[str]:
    (folder / "run").mkdir()
    (folder / "run" / "config.json").write_text('{"verb": "pretrain", "config": {}}')
    return ["probe", f"run:{folder}/run", DIGITS]


# ── pretrain ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def pretrain(*more: str) -> tuple[str, ...]:
    return ("pretrain", DIGITS, "--encoder", "foveate:resnet9", "--epochs", "1", *more)


plain("unknown objective", "simclr", *pretrain("--objective", "simcrl"))
plain("unknown knob", "temperature", *pretrain("--set", "temprature=0.2"))
plain("knob that is no number", "temperature", *pretrain("--set", "temperature=warm"))
plain("no epochs", "epochs", "pretrain", DIGITS, "--encoder", "foveate:resnet9", "--epochs", "0")
plain("negative epochs", "epochs", "pretrain", DIGITS, "--encoder", "foveate:resnet9", "--epochs", "-3")
plain("batch of one", "batch", *pretrain("--batch", "1"))
plain("learning rate below zero", "lr", *pretrain("--lr", "-1"))
plain("unknown recipe", "laptop-32", *pretrain("--recipe", "laptop-33"))
plain("torchrun outside torchrun", "torchrun", *pretrain("--engine", "torchrun"))


@case("supervised without labels", "label")
def _(folder: Path) -> list[str]:
    data = f"folder:{photos(folder / 'flat', {'': 40})}"
    return ["pretrain", data, "--objective", "supervised", "--encoder", "foveate:resnet9", "--epochs", "1"]


@case("one image to train on", "image")
def _(folder: Path) -> list[str]:
    data = f"folder:{photos(folder / 'single', {'': 1})}"
    return ["pretrain", data, "--objective", "simclr", "--encoder", "foveate:resnet9", "--epochs", "1"]


# ── run folders ──────────────────────────────────────────────────────────────────────────────────────────────────────
@case("out is a file", "file")
def _(folder: Path) -> list[str]:
    (folder / "out").write_text("mine")
    return ["probe", ENCODER, DIGITS, "--out", f"{folder}/out"]


@case("out below a file", "out")
def _(folder: Path) -> list[str]:
    (folder / "file").write_text("mine")
    return ["probe", ENCODER, DIGITS, "--out", f"{folder}/file/out"]


@case("out holds something else", "not empty")
def _(folder: Path) -> list[str]:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.tex").write_text("mine")
    return ["probe", ENCODER, DIGITS, "--out", f"{folder}/out"]


@case("out holds a run", "--resume")
def _(folder: Path) -> list[str]:
    Run(folder / "out", "probe", {}).close()
    return ["probe", ENCODER, DIGITS, "--out", f"{folder}/out"]


@case("resuming another verb's run", "compare")
def _(folder: Path) -> list[str]:
    Run(folder / "out", "compare", {}).close()
    return ["probe", ENCODER, DIGITS, "--resume", "--out", f"{folder}/out"]


@case("resuming with other settings", "seed")
def _(folder: Path) -> list[str]:
    from foveate.cli import parse

    arguments = ["probe", ENCODER, DIGITS, "--out", f"{folder}/out"]
    Run(folder / "out", "probe", parse("probe", arguments[1:])).close()
    return [*arguments, "--resume", "--seed", "7"]


@case("resuming what is no run", "no run")
def _(folder: Path) -> list[str]:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.tex").write_text("mine")
    return ["probe", ENCODER, DIGITS, "--resume", "--out", f"{folder}/out"]


HELD: list[Run] = []


@case("two writers", "another process")
def _(folder: Path) -> list[str]:
    from foveate.cli import parse

    arguments = ["probe", ENCODER, DIGITS, "--out", f"{folder}/out"]
    HELD.append(Run(folder / "out", "probe", parse("probe", arguments[1:])))
    return [*arguments, "--resume"]


# ── probe, compare, audit ────────────────────────────────────────────────────────────────────────────────────────────
plain("no neighbours", "k", "probe", ENCODER, DIGITS, "--k", "0")
plain("unknown task", "classify", "probe", ENCODER, DIGITS, "--task", "classifie")
plain("factors of data without them", "factors", "probe", ENCODER, "builtin:shapes", "--task", "factors")
plain(
    "an unknown factor held out", "quadrant", "probe", ENCODER, "builtin:dejavu@public[0:200]", "--task", "factors",
    "--held-out", "quadrnt",
)  # fmt: skip
plain("more shots than images", "shots", "probe", ENCODER, DIGITS, "--shots", "500")
plain("compare with nothing", "two", "compare", ENCODER, "--data", DIGITS)
plain("compare without data", "data", "compare", ENCODER, ENCODER)
plain(
    "compare on three images", "images", "compare", ENCODER, "random:foveate:resnet18", "--data", "builtin:digits[0:3]"
)
plain("compare at an unknown tap", "tap", "compare", ENCODER, ENCODER, "--data", DIGITS, "--taps", "bloks.1")

AUDIT = ("--members", "builtin:digits[0:60]", "--public", "builtin:digits[60:200]")
plain("audit without reference", "--reference", "audit", ENCODER, *AUDIT)
plain("unknown audit mode", "two-model", "audit", ENCODER, *AUDIT, "--reference", ENCODER, "--mode", "three-model")
plain("boxes that are not there", "objects", "audit", ENCODER, *AUDIT, "--reference", ENCODER, "--crop", "boxes")
plain("threshold below zero", "threshold", "audit", ENCODER, *AUDIT, "--reference", ENCODER, "--threshold", "-1")
plain("audit at an unknown tap", "tap", "audit", ENCODER, *AUDIT, "--reference", ENCODER, "--tap", "prjector")
plain(
    "members that are public", "public", "audit", ENCODER, "--reference", ENCODER,
    "--members", "builtin:digits[0:60]", "--public", "builtin:digits[0:60]",
)  # fmt: skip

# ── render ───────────────────────────────────────────────────────────────────────────────────────────────────────────
plain("unknown design", "animals", "render", "animls")
plain("a design that is not there", "cannot be read", "render", "{}/absent.toml")
plain("no pictures", "count", "render", "animals", "--count", "0")
plain("too small a picture", "size", "render", "animals", "--size", "4")
plain("too large a picture", "size", "render", "animals", "--size", "100000")
plain("no samples", "samples", "render", "animals", "--samples", "0")
plain("no workers", "workers", "render", "animals", "--workers", "0")
plain("empty shards", "shard", "render", "animals", "--shard", "0")
plain("objects that are not there", "no folder", "render", "animals", "--objects", "{}/absent")
plain("world that is not there", "not there", "render", "animals", "--world", "{}/absent.hdr")
plain("textures that are not there", "no folder", "render", "animals", "--materials", "{}/absent")
plain("an export that nobody reads", "coco", "render", "animals", "--export", "voc")
plain(
    "a Python that is not there", "blender-python", "render", "animals", "--count", "1", "--blender-python", "{}/python"
)
plain("a Python without Blender", "bpy", "render", "animals", "--count", "1", "--blender-python", sys.executable)
plain("no rendered folder", "no folder", "probe", ENCODER, "render:{}/absent")


@case("a folder of something else as a rendering", "no run of foveate render")
def _(folder: Path) -> list[str]:
    photos(folder / "photos", {"a": 2})
    return ["probe", ENCODER, f"render:{folder / 'photos'}"]


@case("a rendering without a finished shard", "no finished shard")
def _(folder: Path) -> list[str]:
    (folder / "run").mkdir()
    (folder / "run" / "config.json").write_text('{"verb": "render", "config": {}}')
    return ["probe", ENCODER, f"render:{folder / 'run'}"]


@case("a folder without objects", "holds none")
def _(folder: Path) -> list[str]:
    (folder / "things").mkdir()
    (folder / "things" / "read.me").write_text("nothing")
    return ["render", "animals", "--objects", str(folder / "things")]


@case("a world that is a photograph", "no HDR panorama")
def _(folder: Path) -> list[str]:
    photos(folder / "photos", {"": 1})
    return ["render", "animals", "--world", str(folder / "photos" / "0.png")]


@case("a design that is a folder", "cannot be read")
def _(folder: Path) -> list[str]:
    (folder / "design.toml").mkdir()
    return ["render", str(folder / "design.toml")]


@case("a rendering into another one", "not empty")
def _(folder: Path) -> list[str]:
    with Run(folder / "run", "render", {"design": "animals"}):
        pass
    return ["render", "animals", "--count", "1", "--out", str(folder / "run")]


DESIGNS = {
    "an unknown factor": ("factors = { wrold = ['meadow'] }", "unknown factor"),
    "an unknown world": ("factors = { world = ['mars'] }", "cannot be 'mars'"),
    "an unknown object": ("factors = { object = ['zebar'] }", "zebra"),
    "an unknown material": ("fixed = { material = 'woood' }", "wood"),
    "no values": ("factors = { world = [] }", "no values"),
    "words for a number": ("factors = { size = ['big'] }", "is a number"),
    "a number out of reach": ("factors = { camera_pitch = [-40] }", "out of reach"),
    "an infinite number": ("fixed = { size = inf }", "is a number"),
    "a factor twice": ("factors = { size = [1] }\nfixed = { size = 1 }", "twice"),
    "contradictory factors": ("fixed = { object2 = 'car', position = 'left', position2 = 'left' }", "both objects"),
    "a relation to nothing": ("fixed = { relation = 'behind' }", "without a second object"),
    "an unknown scheme": ("scheme = 'grid'", "unknown scheme"),
    "random without a count": ("scheme = 'random'", "count"),
    "no TOML": ("factors = [", "no TOML"),
    "bytes": ("\xff\xfe", "no TOML"),
    "a billion pictures": (
        f"factors = {{ scene = {list(range(1000))}, asset = {list(range(1000))}, asset2 = {list(range(1000))} }}",
        "1,000,000,000",
    ),
    "a visible share of words": ("visible = ['a', 'b']", "visible"),
    "a held-out value of words": ("held_out = 3", "held_out"),
    "a tiny size": ("size = 2", "size"),
}
for _name, (_text, _words) in DESIGNS.items():

    @case(f"a design with {_name}", _words)
    def _(folder: Path, text: str = _text) -> list[str]:
        (folder / "design.toml").write_text(text, encoding="latin-1")
        return ["render", str(folder / "design.toml"), "--dry-run"]


# ── report, convert, study ───────────────────────────────────────────────────────────────────────────────────────────
plain("report of nothing", "absent", "report", "{}/absent")
plain("convert nothing", "absent", "convert", "{}/absent.pth")
plain("unknown study", "estimators", "study", "estimator")
plain("scale that a study lacks", "paper", "study", "estimators", "--scale", "paper")


@case("a torn report", "report.json")
def _(folder: Path) -> list[str]:
    (folder / "run").mkdir()
    (folder / "run" / "report.json").write_text('{"schema": "foveate')
    return ["report", f"{folder}/run"]


@case("a report that is none", "report.json")
def _(folder: Path) -> list[str]:
    (folder / "run").mkdir()
    (folder / "run" / "report.json").write_text('{"schema": "other/1"}')
    return ["report", f"{folder}/run"]


class _Evil:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch pwned",)


@case("a checkpoint with code in it", "tensors")
def _(folder: Path) -> list[str]:
    torch.save({"weight": _Evil()}, folder / "evil.pth")
    return ["convert", f"{folder}/evil.pth"]


@case("a checkpoint that fits nothing", "layout")
def _(folder: Path) -> list[str]:
    torch.save({"weird.weight": torch.zeros(3)}, folder / "weird.pth")
    return ["convert", f"{folder}/weird.pth", "--as", "timm:resnet18"]


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(p): hashlib.blake2b(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "lock"
    }


@pytest.fixture(autouse=True)
def _release() -> Iterator[None]:
    yield
    while HELD:
        HELD.pop().close()


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_has_a_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    build, words = CASES[name]
    arguments = build(tmp_path)
    before = fingerprint(tmp_path)
    elsewhere = tmp_path.parent / f"{tmp_path.name}-cwd"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    capfd.readouterr()
    code = cli.main(arguments)
    out, err = capfd.readouterr()
    assert code == 2, err
    assert out == ""
    lines = err.strip().splitlines()
    assert len(lines) <= 6, err
    assert lines[-2].startswith("error: "), err
    assert lines[-1].startswith("remedy: "), err
    assert words.lower() in f"{lines[-2]} {lines[-1]}".lower(), err
    assert "Traceback" not in err
    assert fingerprint(tmp_path) == before, "inputs were touched"
    assert not (elsewhere / "pwned").exists()


def test_there_are_at_least_sixty() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    assert cli.main(["probe", ENCODER, DIGITS, "--out", str(tmp_path / "out")]) == 2
    assert capfd.readouterr().err.strip().splitlines()[-1].startswith("remedy: ")
    left = [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "lock"]
    assert not left, f"half-written: {left}"
