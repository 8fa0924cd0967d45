"""Preprocessing equals that of the libraries it stands for, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from foveate.encoders.preprocess import Preprocess


def _pixels(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


_SIZES = [(24, 24), (33, 57), (57, 33), (200, 31), (20, 300), (1, 1), (64, 64), (65, 64)]


@pytest.mark.parametrize("mode", ["center", "squash", "border"])
@pytest.mark.parametrize(("size", "crop_pct"), [((24, 24), 0.875), ((32, 32), 1.0), ((24, 40), 0.9), ((31, 31), 0.95)])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_equals_timms_evaluation_transform(mode, size, crop_pct, interpolation):
    from timm.data import create_transform

    ours = Preprocess(size=size, crop_pct=crop_pct, interpolation=interpolation, mode=mode)
    theirs = create_transform(
        (3, *size), crop_pct=crop_pct, crop_mode=mode, interpolation=interpolation, mean=ours.mean, std=ours.std
    )
    for shape in _SIZES:
        pixels = _pixels(*shape)
        assert torch.equal(ours(pixels), theirs(Image.fromarray(pixels))), shape


@pytest.mark.parametrize(("resize_mode", "mode"), [("shortest", "center"), ("squash", "squash"), ("longest", "border")])
def test_equals_open_clips_transform(resize_mode, mode):
    open_clip = pytest.importorskip("open_clip")
    cfg = open_clip.transform.PreprocessCfg(size=28, resize_mode=resize_mode)
    theirs = open_clip.transform.image_transform_v2(cfg, is_train=False)
    ours = Preprocess(size=(28, 28), mean=cfg.mean, std=cfg.std, mode=mode, fill=0)
    for shape in _SIZES:
        pixels = _pixels(*shape)
        assert torch.equal(ours(pixels), theirs(Image.fromarray(pixels))), shape


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    side=st.integers(4, 40),
    pct=st.sampled_from([0.8, 0.875, 0.95, 1.0]),
    mode=st.sampled_from(["center", "squash", "border"]),
)
def test_any_image_gives_the_size(shape, side, pct, mode):
    preprocess = Preprocess(size=(side, side + 3), crop_pct=pct, mode=mode)
    assert preprocess(_pixels(*shape)).shape == (3, side, side + 3)


def test_a_batch_is_its_images():
    preprocess = Preprocess(size=(24, 24), crop_pct=0.875)
    images = [_pixels(*shape) for shape in _SIZES]
    assert torch.equal(preprocess.batch(images), torch.stack([preprocess(pixels) for pixels in images]))


def test_an_image_of_the_size_is_not_touched():
    preprocess = Preprocess(size=(32, 32))
    pixels = _pixels(32, 32)
    assert preprocess.crop(pixels) is pixels
    expected = (
        torch.from_numpy(pixels).permute(2, 0, 1) / 255 - torch.tensor(preprocess.mean)[:, None, None]
    ) / torch.tensor(preprocess.std)[:, None, None]
    assert torch.equal(preprocess(pixels), expected)


def test_resize_is_taken_as_it_is():
    # 257 does not follow from a share of 224 in floating point
    explicit = Preprocess(size=(224, 224), resize=(257, 257))
    assert explicit.crop(_pixels(257, 257)).shape == (224, 224, 3)
    top = (257 - 224) / 2
    pixels = _pixels(257, 257)
    assert np.array_equal(explicit.crop(pixels), pixels[round(top) : round(top) + 224, round(top) : round(top) + 224])


def test_key_tells_everything_apart():
    base = Preprocess(size=(32, 32))
    others = [
        Preprocess(size=(32, 33)),
        Preprocess(size=(32, 32), crop_pct=0.9),
        Preprocess(size=(32, 32), interpolation="bilinear"),
        Preprocess(size=(32, 32), mode="squash"),
        Preprocess(size=(32, 32), mean=(0.5, 0.5, 0.5)),
        Preprocess(size=(32, 32), std=(0.5, 0.5, 0.5)),
        Preprocess(size=(32, 32), resize=(40, 40)),
        Preprocess(size=(32, 32), fill=0),
    ]
    assert len({other.key for other in others} | {base.key}) == 9
    assert Preprocess(size=(32, 32)).key == base.key


def test_json_round_trip():
    preprocess = Preprocess(
        size=(32, 48), crop_pct=0.9, interpolation="bilinear", mode="border", resize=(50, 60), fill=3
    )
    assert Preprocess.from_json(preprocess.to_json()) == preprocess


def test_another_size_keeps_the_share():
    assert Preprocess(size=(224, 224), crop_pct=0.875).at((112, 112)) == Preprocess(size=(112, 112), crop_pct=0.875)
    assert Preprocess(size=(224, 224), resize=(256, 256)).at((112, 112)).crop_pct == 0.875
    unchanged = Preprocess(size=(224, 224), resize=(256, 256))
    assert unchanged.at(None) is unchanged
    assert unchanged.at((224, 224)) is unchanged


@pytest.mark.real
@pytest.mark.parametrize("name", ["mobilenetv2_100.coral_in1k", "vit_small_patch14_saliency"])
def test_equals_timm_on_photos(real_data: Path, name):
    import timm

    from foveate.encoders.load import load

    folder = real_data / "encoders" / name
    model = timm.create_model(f"local-dir:{folder}", pretrained=True)
    theirs = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
    ours = load(f"local-dir:{folder}").preprocess
    photos = sorted((real_data / "clothing10").rglob("*.jpg"))[:12]
    assert len(photos) == 12
    for photo in photos:
        image = Image.open(photo).convert("RGB")
        assert torch.equal(ours(np.asarray(image)), theirs(image)), photo
