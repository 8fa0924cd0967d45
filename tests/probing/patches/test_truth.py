"""What the masks say, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.data.load import load
from foveate.encoders.preprocess import Preprocess
from foveate.measures.segmentation import VOID
from foveate.probing.patches import truth


def test_instances_become_classes() -> None:
    row = {
        "mask": Image.fromarray(np.array([[0, 1, 2], [3, 4, 0]], np.uint8)),
        "objects": [{"mask_id": 1, "label": "cup"}, {"mask_id": 2, "label": "ant"}, {"mask_id": 3, "label": None}],
    }
    names = ["background", "ant", "cup"]
    assert truth.class_map(row, names).tolist() == [[0, 2, 1], [VOID, VOID, 0]]
    assert truth.class_map(row, ["background", "object"]).tolist() == [[0, 1, 1], [1, 1, 0]]
    coded = row | {"objects": [{"mask_id": 1, "label": 1}, {"mask_id": 2, "label": 0}]}
    assert truth.class_map(coded, names, ["ant", "cup"]).tolist() == [[0, 2, 1], [VOID, VOID, 0]]


def test_the_majority_of_a_patch_and_back() -> None:
    maps = np.array([[0, 0, 1, 2], [0, 1, 1, 2], [VOID, VOID, 2, 2], [VOID, VOID, 2, 0]])
    cells = truth.majority(maps, (2, 2), 3)
    assert cells.tolist() == [0, 1, VOID, 2], "of equal ones the lower, and void where nothing is known"
    assert truth.spread(cells, (2, 2), (4, 4)).tolist() == [[0, 0, 1, 1]] * 2 + [[VOID, VOID, 2, 2]] * 2
    assert truth.spread(np.arange(6), (2, 3), (5, 7)).shape == (5, 7), "patches need not divide the image"


@pytest.mark.parametrize("mode", ["center", "squash", "border"])
@pytest.mark.parametrize("shape", [(40, 61), (90, 33), (24, 24)])
def test_the_mask_is_cut_as_the_image_is(mode: str, shape: tuple[int, int]) -> None:
    """A picture whose grey values are its mask stays its mask, under every way of resizing and cropping."""
    classes = np.random.default_rng(0).integers(0, 200, shape)
    preprocess = Preprocess(size=(24, 24), crop_pct=0.875, interpolation="nearest", mode=mode, fill=255)  # type: ignore[arg-type]
    image = preprocess.crop(np.repeat(classes.astype(np.uint8)[..., None], 3, 2))[..., 0].astype(int)
    seen = truth.seen(classes, preprocess)
    assert seen.shape == (24, 24)
    inside = seen != VOID
    assert (seen[inside] == image[inside]).all()
    if mode == "border" and shape[0] != shape[1]:
        assert not inside.all()
        assert (image[~inside] == 255).all(), "padding is void"
    else:
        assert inside.all()


def test_names_of_the_classes() -> None:
    rendered = load("builtin:tabletop@test[0:40]")
    names = truth.class_names(rendered, by_label=True)
    assert names[0] == "background"
    assert set(names[1:]) == {thing["label"] for things in rendered["objects"] for thing in things}
    assert truth.class_names(rendered, by_label=False) == ["background", "object"]
    with pytest.raises(FoveateError, match="mask"):
        truth.with_masks(load("builtin:shapes"), "builtin:shapes")
