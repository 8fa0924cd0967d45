from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.encoder import Encoder
from foveate.encoders.load import load
from foveate.encoders.patches import Patches
from foveate.training.chunks import in_chunks
from foveate.training.recompute import recompute_blocks

ENCODERS: list[tuple[str, dict[str, Any], int]] = [
    ("foveate:resnet9", {}, 4),
    ("foveate:resnet18-narrow", {}, 8),
    ("foveate:vit-mini", {"drop_path_rate": 0.2, "proj_drop_rate": 0.1}, 6),
    ("random:resnet10t", {}, 4),
]


def loaded(address: str, args: dict[str, Any]) -> Encoder:
    encoder = load(address, seed=0, image_size=32, args=args)
    encoder.module.train()
    return encoder


def kept(encoder: Encoder, run: Any) -> tuple[list[torch.Tensor], int]:
    """Gradients after a backward pass, and the numbers that were held for it beside weights."""
    sizes: dict[int, int] = {}
    weights = {p.data_ptr() for p in encoder.module.parameters()}

    def note(x: torch.Tensor) -> torch.Tensor:
        if x.data_ptr() not in weights:
            sizes[x.data_ptr()] = x.numel()
        return x

    torch.manual_seed(3)
    with torch.autograd.graph.saved_tensors_hooks(note, lambda x: x):
        loss = run()
    held = sum(sizes.values())
    loss.backward()
    return [p.grad for p in encoder.module.parameters() if p.grad is not None], held


@pytest.mark.parametrize(("address", "args", "count"), ENCODERS, ids=[each[0] for each in ENCODERS])
def test_gradients_statistics_and_names_stay_and_memory_does_not(
    address: str, args: dict[str, Any], count: int
) -> None:
    plain, spared = (loaded(address, args) for _ in range(2))
    assert recompute_blocks(spared) == count
    x = torch.randn(6, 3, 32, 32)
    gradients, held = kept(plain, lambda: plain.pooled(x).square().mean())
    again, less = kept(spared, lambda: spared.pooled(x).square().mean())
    assert len(gradients) == len(again) > 10
    assert all(torch.equal(a, b) for a, b in zip(gradients, again, strict=True))
    assert plain.module.state_dict().keys() == spared.module.state_dict().keys()
    state = spared.module.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in plain.module.state_dict().items())
    assert less < 0.8 * held


def test_patches_left_out_chunks_and_copies_do_it_too() -> None:
    plain, spared = (loaded("foveate:vit-mini", {}) for _ in range(2))
    recompute_blocks(spared)
    x, keep = torch.randn(6, 3, 32, 32), torch.arange(20).expand(6, -1)

    def gradients(encoder: Encoder) -> list[torch.Tensor]:
        patches = Patches(encoder, wanted_by="a test")

        def embed(x: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
            return patches(encoder.module, x, keep=keep).pooled

        return kept(encoder, lambda: in_chunks(embed, x, 4, encoder.module, keep).square().mean())[0]

    assert all(torch.equal(a, b) for a, b in zip(gradients(plain), gradients(spared), strict=True))
    twin = copy.deepcopy(spared.module)
    assert torch.equal(twin.eval()(x), spared.module.eval()(x))
    assert type(twin.blocks[0]).__name__ == "Block"  # type: ignore[union-attr,index]


def test_without_known_blocks_it_is_refused() -> None:
    encoder = loaded("foveate:resnet9", {})
    encoder.anatomy = type(encoder.anatomy)(forward=encoder.anatomy.forward, width=encoder.width)
    with pytest.raises(FoveateError, match="none that are known"):
        recompute_blocks(encoder)
