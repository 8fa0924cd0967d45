"""``foveate render`` from end to end with Blender: the same bytes however it is run, killed, resumed; what it writes reads back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import foveate
import foveate.rendering.blender
from foveate.core.errors import FoveateError
from foveate.rendering.captions import parse
from foveate.rendering.client import Studio
from foveate.rendering.designs import Block, Design, checked, plan
from foveate.rendering.palette import Palette
from foveate.rendering.shots import shot

DESIGN = """
factors = { world = ["plain"], object = ["zebra", "goldfish"], size = [0.8, 1.0], object_yaw = [0, 120] }
held_out = { object_yaw = [120] }
size = 32
samples = 1
"""


def design(folder: Path, text: str = DESIGN) -> str:
    file = folder / "design.toml"
    file.write_text(text)
    return str(file)


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.parquet")}


@pytest.fixture(scope="module")
def rendered(blender: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The design, rendered once by one worker."""
    folder = tmp_path_factory.mktemp("rendered")
    foveate.render(
        design(folder),
        out=folder / "out",
        workers=1,
        shard=3,
        blender_python=blender,
        export=("coco", "wds", "imagefolder"),
    )
    return folder / "out"


def test_two_workers_and_other_shards_of_work_make_the_same_bytes(rendered: Path, blender: str, tmp_path: Path) -> None:
    report = foveate.render(design(tmp_path), out=tmp_path / "out", workers=2, shard=3, blender_python=blender)
    assert digests(tmp_path / "out") == digests(rendered)
    assert report.metrics["render.kept"].value == 1
    foveate.render(
        design(tmp_path), out=tmp_path / "out", shard=3, export=("coco",), resume=True, blender_python=blender
    )
    assert json.loads((tmp_path / "out/coco/train.json").read_text())["images"], "an export comes later"


def test_a_picture_does_not_depend_on_what_was_rendered_before_it(blender: str, tmp_path: Path) -> None:
    """In any order, and alone, the pixels are the same."""
    palette = Palette()
    factors = {"world": ("meadow", "plain"), "light": ("day", "evening"), "object": ("car", "cow")}
    block = Block(factors=factors, fixed={"asset": 0, "scene": 0})
    planned = plan(checked(Design(name="order", blocks=(block,)), palette), 0)
    shots = [shot(one.factors, one.seed, palette, px=32, samples=4, passes=[]) for one in planned]

    def pictures(*order: int) -> dict[int, bytes]:
        taken = {}
        with Studio(blender) as fresh:
            for number in order:
                fresh.render(shots[number], tmp_path / "p.npz")
                taken[number] = Image.open(io.BytesIO(np.load(tmp_path / "p.npz")["png"].tobytes())).tobytes()
        return taken

    straight = pictures(*range(8))
    for order in (range(7, -1, -1), (2,), (5,)):
        assert [number for number, pixels in pictures(*order).items() if pixels != straight[number]] == []


def test_killed_and_resumed_it_leaves_the_same_bytes_and_no_process(
    rendered: Path, blender: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "foveate.cli",
        "render",
        design(tmp_path),
        "--out",
        str(out),
        "--workers",
        "2",
        "--shard",
        "3",
        "--blender-python",
        blender,
    ]
    scratch = {**os.environ, "TMPDIR": str(tmp_path / "scratch")}
    (tmp_path / "scratch").mkdir()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=scratch)
    deadline = time.monotonic() + 120
    while not list(out.glob("unfinished/*.json")) and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    workers = children(running.pid)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert workers
    for pid in workers:  # their input has ended, and they with it
        wait_gone(pid)
    assert not list((tmp_path / "scratch").glob("*")), "each removed what it had written"
    foveate.render(design(tmp_path), out=out, workers=1, shard=3, blender_python=blender, resume=True)
    assert digests(out) == digests(rendered)
    assert not (out / "unfinished").exists()


def test_a_worker_whose_parent_went_while_it_started_removes_its_folder(blender: str, tmp_path: Path) -> None:
    """Nobody reads its greeting any more."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [blender, "-s", str(Path(str(foveate.rendering.blender.__file__)).with_name("worker.py"))]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        ended = subprocess.run(
            [*command, "--scratch", str(scratch)],
            stdin=subprocess.DEVNULL,
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(scratch)},
        )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert not scratch.exists()


def test_ctrl_c_leaves_no_process_and_loses_nothing(blender: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    many = DESIGN.replace("[0, 120] }", f"{[*range(99), 120]} }}")  # 400 pictures: it cannot have ended
    command = [
        sys.executable,
        "-m",
        "foveate.cli",
        "render",
        design(tmp_path, many),
        "--out",
        str(out),
        "--workers",
        "2",
        "--blender-python",
        blender,
    ]
    scratch = {**os.environ, "TMPDIR": str(tmp_path / "scratch")}
    (tmp_path / "scratch").mkdir()
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True, env=scratch
    )
    deadline = time.monotonic() + 120
    while not list(out.glob("unfinished/*.json")) and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = children(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the workers are sent it too
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert "nothing is lost" in said
    assert "Traceback" not in said
    for pid in workers:
        wait_gone(pid)
    assert not list((tmp_path / "scratch").glob("*"))
    assert list(out.glob("unfinished/*.json"))


def test_the_report_shows_what_the_table_says(rendered: Path) -> None:
    report = json.loads((rendered / "report.json").read_text())
    (section,) = (one for one in report["sections"] if one["title"] == "Truth")
    rows = {row["id"]: row for part in ("train", "test") for row in foveate.load_data(f"render:{rendered}@{part}")}
    shown = section["blocks"][0]["items"]
    assert len(shown) == 6
    for exhibit in shown:
        row = rows[exhibit["note"]]
        plain, instances, depth = exhibit["pictures"]
        (box,) = plain["boxes"]
        assert [box["x0"], box["y0"], box["x1"], box["y1"]] == [side / 32 for side in row["objects"][0]["box"]]
        assert box["label"] == row["objects"][0]["label"]
        assert f"{row['objects'][0]['area']:.1%}" in instances["note"]
        assert depth["caption"] == "depth"


def test_a_rendering_that_has_not_ended_is_read_with_a_note(
    rendered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = tmp_path / "part"
    shutil.copytree(rendered, part, ignore=shutil.ignore_patterns("report.json", "train-00001*", "lock"))
    assert foveate.load_data(f"render:{part}@train").num_rows == 3
    assert "has not been rendered to its end" in capsys.readouterr().err
    assert foveate.load_data(f"render:{rendered}@train").num_rows == 4
    assert "its end" not in capsys.readouterr().err


def test_whoever_loses_its_parent_ends_before_its_picture(blender: str, plain: str, tmp_path: Path) -> None:
    """A picture that takes minutes is not finished, or written, by a worker whose parent was killed."""
    start = (
        "import os, sys\nfrom pathlib import Path\nfrom foveate.rendering.client import Studio\n"
        "from foveate.rendering.palette import Palette\nfrom foveate.rendering.shots import shot\n"
        "from foveate.rendering.factors import DEFAULTS\n"
        "asked = shot(DEFAULTS | {'object': 'none'}, 0, Palette(), px=1024, samples=4096, passes=[]) | {'world': sys.argv[2]}\n"
        "studio = Studio(sys.argv[1])\nprint(studio.worker.pid, flush=True)\nstudio.render(asked, Path(sys.argv[3]))\n"
    )
    (tmp_path / "scratch").mkdir()
    parent = subprocess.Popen(
        [sys.executable, "-c", start, blender, plain, str(tmp_path / "p.npz")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "scratch")},
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(3)  # until it renders
    parent.kill()
    parent.wait()
    wait_gone(pid, 5)
    assert not list((tmp_path / "scratch").iterdir())
    assert not (tmp_path / "p.npz").exists()


def test_a_panorama_that_is_cut_short_is_refused(blender: str, tmp_path: Path) -> None:
    (tmp_path / "cut.hdr").write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 512 +X 1024\n\x02\x02")
    with pytest.raises(FoveateError, match=r"cut.hdr.* cut short"):
        foveate.render(
            "animals", count=1, out=tmp_path / "out", world=(str(tmp_path / "cut.hdr"),), blender_python=blender
        )
    assert not (tmp_path / "out").exists()


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(word) for word in listed.stdout.split()]


def wait_gone(pid: int, limit: float = 20) -> None:
    deadline = time.monotonic() + limit
    while Path(f"/proc/{pid}").exists():
        status = Path(f"/proc/{pid}/stat")
        try:
            if status.read_text().rpartition(")")[2].split()[0] == "Z":  # dead, and nobody asked
                return
        except FileNotFoundError:
            return
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)


def test_the_table_is_whole(rendered: Path) -> None:
    train, test = foveate.load_data(f"render:{rendered}@train"), foveate.load_data(f"render:{rendered}@test")
    assert (len(train), len(test)) == (4, 4)
    assert {row["factors"]["object_yaw"] for row in test} == {120.0}
    assert sorted(path.name for path in rendered.glob("*.parquet")) == [
        "test-00000-of-00002.parquet", "test-00001-of-00002.parquet", "train-00000-of-00002.parquet", "train-00001-of-00002.parquet",
    ]  # fmt: skip
    names = train.features["label"].names
    for row in train:
        image, mask, depth = (np.asarray(row[key]) for key in ("image", "mask", "depth"))
        assert image.shape == (32, 32, 3)
        assert mask.shape == depth.shape == (32, 32)
        assert depth.dtype == np.float32
        (thing,) = row["objects"]
        assert thing["label"] == names[row["label"]] == row["factors"]["object"]
        assert thing["mask_id"] in mask
        assert thing["area"] == pytest.approx((mask == 1).mean())
        ys, xs = np.nonzero(mask == 1)
        assert thing["box"] == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        facts = parse(row["caption"], Palette())
        assert (facts.things[0].name, facts.world, facts.light) == (row["factors"]["object"], "plain", "day")
        assert row["caption"] in row["captions"]
        assert not {n["caption"] for n in row["negatives"]} & set(row["captions"])
        assert row["factors"]["asset"] == f"{row['factors']['object']}#0"


def test_datasets_opens_it_alone(rendered: Path) -> None:
    import datasets

    table = datasets.load_dataset(str(rendered), split="train")
    assert table[0]["image"].size == (32, 32)
    assert table[0]["depth"].mode == "F"


def test_the_exports_hold_the_same(rendered: Path) -> None:
    table = foveate.load_data(f"render:{rendered}@train")
    coco = foveate.load_data(f"coco:{rendered}/coco/train.json")
    assert [o["box"] for row in coco for o in row["objects"]] == [o["box"] for row in table for o in row["objects"]]
    from foveate.data.coco import with_masks

    drawn = with_masks(coco)
    for ours, theirs in zip(table, drawn, strict=True):
        np.testing.assert_array_equal(np.asarray(ours["mask"]), np.asarray(theirs["mask"]))
    for address in (f"wds:{rendered}/wds@train", f"folder:{rendered}/imagefolder/train"):
        other = foveate.load_data(address)
        pixels = {np.asarray(row["image"]).tobytes() for row in other}
        assert pixels == {np.asarray(row["image"]).tobytes() for row in table}


def test_the_report_shows_the_pictures_and_their_price(rendered: Path) -> None:
    report = json.loads((rendered / "report.json").read_text())
    assert report["metrics"]["render.kept"]["value"] == 1
    assert report["metrics"]["render.cpu_seconds"]["value"] > 0
    assert [section["title"] for section in report["sections"]] == ["Pictures", "Truth", "Factors", "Checks and cost"]
    assert len(report["sections"][0]["blocks"][0]["items"]) == 8
    assert (rendered / "contact.jpg").exists()


def test_an_edited_design_is_not_gone_on_with(rendered: Path, blender: str, tmp_path: Path) -> None:
    file = design(tmp_path)
    foveate.render(file, out=tmp_path / "out", count=1, blender_python=blender)
    design(tmp_path, DESIGN.replace("0.8, 1.0", "0.8, 1.1"))
    with pytest.raises(FoveateError, match="is not the one"):
        foveate.render(file, out=tmp_path / "out", count=1, resume=True, blender_python=blender)


def test_a_picture_that_cannot_be_good_is_named_and_left_out(blender: str, tmp_path: Path) -> None:
    text = 'factors = { world = ["plain"], size = [0.1, 1.0] }\nsize = 32\nsamples = 1\nvisible = [0.04, 0.7]'
    report = foveate.render(design(tmp_path, text), out=tmp_path / "out", blender_python=blender)
    assert report.metrics["render.kept"].value == 0.5
    (lost,) = report.skipped
    assert lost[0] == "0000000"
    assert "less than 4.0%" in lost[1]


def test_a_user_s_objects_stand_upright_in_frame_and_broken_ones_are_named(blender: str, tmp_path: Path) -> None:
    folder = tmp_path / "things"
    folder.mkdir()
    (folder / "Pyramid.obj").write_text(
        "v -1 0 -1\nv 1 0 -1\nv 1 0 1\nv -1 0 1\nv 0 3 0\nf 1 2 3 4\nf 1 5 2\nf 2 5 3\nf 3 5 4\nf 4 5 1\n"
    )
    (folder / "broken.glb").write_bytes(b"no model")
    (folder / "empty.obj").write_text("")
    (folder / "line.obj").write_text("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n")
    (folder / "nan.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 nan 0\nf 1 2 3\n")
    (folder / "vast.obj").write_text("v 0 0 0\nv 1e30 0 0\nv 0 1e30 0\nf 1 2 3\n")
    text = 'factors = { world = ["plain"], object = ["pyramid"], asset = [3] }\nsize = 48\nsamples = 1'
    report = foveate.render(design(tmp_path, text), out=tmp_path / "out", objects=folder, blender_python=blender)
    assert {name for name, _ in report.skipped} == {"broken.glb", "empty.obj", "line.obj", "nan.obj", "vast.obj"}
    row = foveate.load_data(f"render:{tmp_path}/out")[0]
    assert row["caption"].startswith("a photo of a pyramid, in")
    assert (row["factors"]["asset"], row["objects"][0]["asset"]) == ("pyramid#0", "pyramid#0"), "there is but one"
    low, high = np.array(row["objects"][0]["bounds"])
    assert low[2] == pytest.approx(0, abs=1e-5)
    assert high[2] == pytest.approx(1, abs=1e-4), "OBJ's y is up: three units high is the longest side"
    mask = np.asarray(row["mask"]) == 1
    rows = np.flatnonzero(mask.any(1))
    top, bottom = mask[rows[len(rows) // 6]].sum(), mask[rows[-len(rows) // 6]].sum()
    assert top < bottom, "its point is up"
