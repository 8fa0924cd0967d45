from __future__ import annotations

import torch

from foveate.data.views import simclr_views
from foveate.encoders.load import load
from foveate.pretraining.material import gather_material
from foveate.pretraining.watching import layers, surrogates


def test_surrogates_are_some_of_the_training_images_in_an_order_of_chance() -> None:
    material = gather_material("builtin:digits[0:300]", None, image_size=16, canvas=None)
    preprocess = load("random:test_resnet", image_size=16).preprocess
    made = surrogates(material, simclr_views(16)[0], preprocess, seed=0)
    assert made is not None
    assert (made.images, made.count) == (32, 8)
    base = {bytes(pixels.numpy().tobytes()) for pixels in material.sample(material.base).pixels}
    assert {pixels.numpy().tobytes() for pixels in made.sample.pixels} <= base
    assert made.sample.labels is not None
    assert len(made.sample.labels.unique()) > 5
    few = gather_material("builtin:digits[0:30]", None, image_size=16, canvas=None)
    assert surrogates(few, simclr_views(16)[0], preprocess, seed=0) is None


def test_layers_are_stages_or_blocks() -> None:
    images = torch.randn(2, 3, 32, 32)
    for name, first in (("random:test_resnet", "stages.0"), ("random:test_vit", "blocks.0")):
        read = layers(load(name, image_size=32))
        assert read is not None
        found = read(images)
        assert next(iter(found)) == first
        assert all(x.ndim == 2 for x in found.values())
