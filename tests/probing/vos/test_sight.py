"""At which size encoders see frames, and what they give of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.preprocess import Preprocess
from foveate.probing.config import Probe
from foveate.probing.vos.sight import Eyes, colours, frame_size, whole


def test_sizes_are_the_published_ones() -> None:
    assert frame_size(480, 854, short=480, patch=16) == (480, 832)
    assert frame_size(480, 854, short=480, patch=8) == (480, 832)
    assert frame_size(854, 480, short=480, patch=16) == (832, 480)
    assert frame_size(480, 910, short=480, patch=16) == (480, 896)
    assert frame_size(480, 854, short=480, patch=14) == (476, 840)
    assert frame_size(480, 854, short=480, patch=1) == (480, 832)
    assert frame_size(100, 100, short=10, patch=16) == (16, 64), "never less than a patch"


def test_the_whole_frame_is_seen() -> None:
    pixels = np.zeros((60, 110, 3), np.uint8)
    pixels[0, 0] = pixels[-1, -1] = 255
    found = whole(Preprocess(size=(224, 224), crop_pct=0.5, resize=(256, 256)), (60, 110))(pixels)
    assert found.shape == (3, 60, 110)
    assert found[0, 0, 0] == found[0, -1, -1] > found[0, 30, 50]


def test_colours_are_those_of_the_tokens_own_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)
    found = colours(pixels, (3, 5))
    assert found.shape == (3, 5, 48)
    block = pixels[8:16, 16:24].reshape(4, 2, 4, 2, 3).mean((1, 3))  # token (1, 2): 8 × 8 pixels as 4 × 4 colours
    expected = (np.rint(block) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    assert found[1, 2].numpy().reshape(4, 4, 3) == pytest.approx(expected, abs=0.03)  # Pillow rounds twice


@pytest.mark.parametrize(
    ("encoder", "grid"), [("random:foveate:vit-mini-patch8", (12, 16)), ("random:foveate:resnet9", (6, 8))]
)
def test_tokens_lie_where_their_pixels_are(encoder: str, grid: tuple[int, int]) -> None:
    """A change in one place changes the features of that place most."""
    eyes = Eyes(Probe(encoder=encoder, data="davis:x", frame_size=96), torch.device("cpu"))
    sight = eyes.at(96, 130)
    assert sight.frame == (96, 128)
    assert list(sight.grids.values()) == [grid]
    pixels = np.full((96, 128, 3), 90, np.uint8)
    changed = pixels.copy()
    changed[32:48, 96:112] = 250, 20, 130
    before, after = sight(pixels), sight(changed)
    assert set(before) == {sight.headline, "untrained", "pixels"}
    for method in before:
        moved = (after[method] - before[method]).norm(dim=-1)
        row, column = np.unravel_index(int(moved.argmax()), grid)
        assert abs(row + 0.5 - grid[0] * 40 / 96) < 1.2, method  # a stride may shift by a cell
        assert abs(column + 0.5 - grid[1] * 104 / 128) < 1.2, method
    assert not torch.equal(before[sight.headline], before["untrained"])


def test_a_convolutional_network_is_read_at_a_stride_of_16() -> None:
    eyes = Eyes(Probe(encoder="random:resnet18", data="davis:x", frame_size=64, controls=False), torch.device("cpu"))
    assert eyes.at(64, 128).grids == {"stages.2:tokens": (4, 8)}
    every = Eyes(
        Probe(encoder="random:resnet18", data="davis:x", frame_size=64, controls=False, taps=("all",)),
        torch.device("cpu"),
    )
    assert list(every.at(64, 128).grids.items()) == [
        ("stages.2:tokens", (4, 8)),
        ("stages.0:tokens", (16, 32)),
        ("stages.1:tokens", (8, 16)),
        ("stages.3:tokens", (2, 4)),
    ]


def test_position_embeddings_of_one_size_are_resampled() -> None:
    eyes = Eyes(
        Probe(encoder="random:vit_tiny_patch16_224", data="davis:x", frame_size=64, controls=False), torch.device("cpu")
    )
    assert eyes.at(64, 130).grids == {"norm:tokens": (4, 8)}
    assert eyes.native.preprocess.size == (224, 224)


def test_a_vector_an_image_is_no_mask() -> None:
    for tap, words in (("norm:mean", "norm:tokens"), ("stages.9", "stages")):
        with pytest.raises(FoveateError, match=words):
            Eyes(Probe(encoder="random:foveate:resnet9", data="davis:x", taps=(tap,)), torch.device("cpu"))
