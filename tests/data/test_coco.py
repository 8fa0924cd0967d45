from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.data.coco import draw, run_lengths, with_masks
from foveate.data.columns import has_labels, ids
from foveate.data.decode import Reader
from foveate.data.load import load

from .conftest import as_bytes, picture

RECORD: dict[str, Any] = {
    "images": [{"id": 7, "file_name": "a.png", "width": 16, "height": 12}, {"id": 3, "file_name": "b.png"}],
    "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
    "annotations": [
        {"image_id": 7, "category_id": 18, "bbox": [2, 3, 4, 5], "segmentation": [[2, 3, 6, 3, 6, 8, 2, 8]]},
        {"image_id": 7, "category_id": 1, "bbox": [0, 0, 16, 2], "iscrowd": 1,
         "segmentation": {"size": [12, 16], "counts": [0, 2, 10] + [2, 10] * 15}},
    ],
}  # fmt: skip


def write(root: Path, record: object, images: str = ".", name: str = "ann.json") -> Path:
    (root / images).mkdir(parents=True, exist_ok=True)
    for seed, file in enumerate(("a.png", "b.png")):
        (root / images / file).write_bytes(as_bytes(picture(seed)))
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record))
    return path


def test_boxes_and_categories(tmp_path: Path) -> None:
    data = load(f"coco:{write(tmp_path, RECORD)}")
    assert ids(data) == ["a.png", "b.png"]
    assert not has_labels(data)
    dog, crowd = data[0]["objects"]
    assert dog["box"] == [2, 3, 6, 8]
    assert (dog["mask_id"], crowd["mask_id"], crowd["crowd"]) == (1, 2, True)
    names = data.features["objects"].feature["label"].names
    assert (names[dog["label"]], names[crowd["label"]]) == ("dog", "person")
    assert data[1]["objects"] == []
    assert len(list(Reader(data))) == 2


def test_masks_from_polygons_and_run_lengths(tmp_path: Path) -> None:
    data = with_masks(load(f"coco:{write(tmp_path, RECORD)}"))
    mask = np.asarray(data[0]["mask"]).astype(int)
    expected = np.zeros((12, 16), int)
    expected[:2] = 2
    expected[3:8, 2:6] = 1
    assert (mask == expected).mean() > 0.93  # a polygon's edge pixels are drawn too
    assert (mask[4:7, 3:5] == 1).all()
    assert (mask[:2] == 2).all()
    assert np.asarray(data[1]["mask"]).max() == 0


def test_run_lengths_packed_as_text() -> None:
    def pack(counts: list[int]) -> str:
        """The format's own definition, from numbers to text."""
        text = ""
        for place, count in enumerate(counts):
            value = count - counts[place - 2] if place > 2 else count
            while True:
                bits, value = value & 0x1F, value >> 5
                more = value != (-1 if bits & 0x10 else 0)
                text += chr((bits | (0x20 if more else 0)) + 48)
                if not more:
                    break
        return text

    assert run_lengths([1, 2]) == [1, 2]
    rng = np.random.default_rng(0)
    for _ in range(50):
        counts = rng.integers(0, 5000, rng.integers(1, 20)).tolist()
        assert run_lengths(pack(counts)) == counts


def test_run_lengths_go_down_the_columns() -> None:
    shape = json.dumps({"size": [2, 3], "counts": [1, 2, 3]})
    thing = {"segmentation": shape, "mask_id": 5, "crowd": False}
    assert draw([thing], 2, 3).tolist() == [[0, 5, 0], [5, 0, 0]]


def test_captions(tmp_path: Path) -> None:
    record = RECORD | {"annotations": [{"image_id": 3, "caption": "one"}, {"image_id": 3, "caption": "two"}]}
    data = load(f"coco:{write(tmp_path, record)}")
    assert data["captions"][:] == [[], ["one", "two"]]
    assert "objects" not in data.column_names


@pytest.mark.parametrize("images", [".", "images", "val2017", "annotations/images"])
def test_the_usual_places_of_images(tmp_path: Path, images: str) -> None:
    path = write(tmp_path, RECORD, images, "annotations/instances_val2017.json")
    assert len(list(Reader(load(f"coco:{path}")))) == 2


def test_images_elsewhere(tmp_path: Path) -> None:
    path = write(tmp_path, RECORD, "far/away", "x/ann.json")
    with pytest.raises(FoveateError) as caught:
        load(f"coco:{path}")
    assert caught.value.remedy == f"write coco:{path}#IMAGES_DIR"
    assert load(f"coco:{path}#{tmp_path}/far/away[0:1]").num_rows == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "is not JSON"),
        ("[]", "has no list 'images'"),
        ('{"images": [{}]}', "has no list 'images'"),
        ('{"images": []}', "lists no images"),
    ],
)
def test_what_is_not_coco(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(FoveateError, match=what):
        load(f"coco:{tmp_path}/a.json")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match="there is no file"):
        load(f"coco:{tmp_path}/none.json")
    with pytest.raises(FoveateError, match="cannot be read"):
        load(f"coco:{tmp_path}")
