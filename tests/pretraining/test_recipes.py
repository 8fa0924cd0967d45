"""Every recipe is built as it is, at its own size, and takes its first step."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from foveate.engine.distributed import Ranks
from foveate.pretraining.build import build
from foveate.pretraining.config import Pretrain
from foveate.pretraining.registry import RECIPES
from foveate.pretraining.settings import resolve

IMAGES = 4
# To draw a hundred million weights of a head takes longer than all else and shows nothing.
NARROW = {
    "vit-s-imagenet": ("prototypes=1024", "crops=2"),
    "one-gpu-day": ("prototypes=1024",),
    "resnet50-imagenet": ("projector=512,512,512",),
}


@pytest.mark.parametrize("name", RECIPES.own)
def test_the_first_step(name: str, tmp_path: Path) -> None:
    asked = Pretrain(
        data="builtin:clutter[0:12]",
        recipe=name,
        set=NARROW.get(name, ()),
        batch=IMAGES,
        precision="fp32",
        device="cpu",
    )
    # Its own encoder's weights lie on a hub.
    encoder = "random:resnet18" if name == "from-pretrained" else None
    settings = resolve(Pretrain(**{**vars(asked), "encoder": encoder}))
    built = build(settings, Ranks(device=torch.device("cpu")), torch.device("cpu"), folder=tmp_path)
    recipe = RECIPES.load(name)()
    assert built.plan.epochs == recipe.epochs
    assert built.views[0].size == (recipe.image_size or 224)
    feed = built.feed
    loss, _, outputs = built.objective.train()(feed.make(feed.among[:IMAGES], 0, 0))
    loss.backward()
    assert torch.isfinite(loss)
    assert outputs["backbone"].shape[0] == IMAGES
    moved = [p for p in built.objective.backbone.parameters() if p.grad is not None and p.grad.abs().sum() > 0]
    # Residual branches of timm's ResNets begin at zero, so that the first step moves only their last norms.
    assert len(moved) > 0.2 * len([p for p in built.objective.backbone.parameters() if p.requires_grad])
    assert built.rate_factor("backbone.conv1.weight") < 1 or recipe.layer_decay is None
