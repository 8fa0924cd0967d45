"""``davis:``: what the layout's rows are, its splits, and what is wrong with it in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.data.columns import ids
from foveate.data.decode import Reader
from foveate.data.load import load

from .conftest import picture


def write(root: Path, videos: dict[str, int], resolution: str = "480p") -> Path:
    """Videos of so many frames; the mask of frame i is i + 1 in one corner."""
    for seed, (name, frames) in enumerate(videos.items()):
        for frame in range(frames):
            mask = Image.fromarray(np.pad(np.full((2, 2), frame + 1, np.uint8), ((0, 10), (0, 14))))
            mask.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
            pictures = (("JPEGImages", ".jpg", picture(10 * seed + frame)), ("Annotations", ".png", mask))
            for folder, suffix, image in pictures:
                file = root / folder / resolution / name / f"{frame:05d}{suffix}"
                file.parent.mkdir(parents=True, exist_ok=True)
                image.save(file)
    return root


@pytest.mark.parametrize("resolution", ["480p", "Full-Resolution", ""])
def test_frames_come_video_by_video_with_their_masks(tmp_path: Path, resolution: str) -> None:
    data = load(f"davis:{write(tmp_path, {'swan': 3, 'bear': 2}, resolution)}")
    assert ids(data) == ["bear/00000", "bear/00001", "swan/00000", "swan/00001", "swan/00002"]
    assert data["group"] == ["bear"] * 2 + ["swan"] * 3
    assert data["frame"] == [0, 1, 0, 1, 2]
    mask = data[4]["mask"]
    assert mask.mode == "P"
    assert np.unique(mask).tolist() == [0, 3]
    assert len(list(Reader(data))) == 5


def test_splits_are_the_lists_of_2017(tmp_path: Path) -> None:
    root = write(tmp_path, {"swan": 2, "bear": 2, "dog": 2})
    for year, split, names in (("2017", "train", "swan\nbear\n"), ("2017", "val", "dog\n"), ("2016", "val", "bear\n")):
        file = root / "ImageSets" / year / f"{split}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(names)
    assert load(f"davis:{root}@val")["group"] == ["dog"] * 2
    assert load(f"davis:{root}@train")["group"] == load(f"davis:{root}")["group"] == ["swan"] * 2 + ["bear"] * 2
    with pytest.raises(FoveateError, match="no split 'test'"):
        load(f"davis:{root}@test")
    (root / "ImageSets" / "2017" / "val.txt").write_text("dgo\n")
    with pytest.raises(FoveateError, match=r"dgo is listed.*did you mean dog"):
        load(f"davis:{root}@val")


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    root = write(tmp_path / "DAVIS", {"swan": 3})
    with pytest.raises(FoveateError, match=r"no JPEGImages.*davis:.*/DAVIS\?"):
        load(f"davis:{tmp_path}")
    with pytest.raises(FoveateError, match="no folder"):
        load(f"davis:{tmp_path}/absent")
    masks, frames = root / "Annotations/480p/swan", root / "JPEGImages/480p/swan"
    kept = (masks / "00001.png").read_bytes()
    (masks / "00001.png").unlink()
    with pytest.raises(FoveateError, match=r"1 of the 3 frames of swan have no mask: .*00001.png"):
        load(f"davis:{root}")
    Image.new("L", (9, 9)).save(masks / "00001.png")
    with pytest.raises(FoveateError, match=r"00001.png is 9×9, not 16×12"):
        load(f"davis:{root}")
    (masks / "00001.png").write_bytes(b"no image")
    with pytest.raises(FoveateError, match="cannot be read"):
        load(f"davis:{root}")
    (masks / "00001.png").write_bytes(kept)
    picture(0, 20, 20).save(frames / "00002.jpg")
    with pytest.raises(FoveateError, match=r"00002.jpg is 20×20"):
        load(f"davis:{root}")
    (root / "JPEGImages/480p/nothing").mkdir()
    with pytest.raises(FoveateError, match="nothing holds no frames"):
        load(f"davis:{root}")
    shutil.rmtree(root / "JPEGImages/480p")
    (root / "JPEGImages/480p").mkdir()
    with pytest.raises(FoveateError, match="holds no videos"):
        load(f"davis:{root}")


@pytest.mark.real
def test_davis_itself(real_data: Path) -> None:
    data = load(f"davis:{real_data}/davis")
    assert data.num_rows == 280
    assert sorted(set(data["group"])) == ["blackswan", "bmx-trees", "car-shadow", "dog", "drift-straight"]
    assert data[0]["image"].size == data[0]["mask"].size == (854, 480)
