"""Arguments of an encoder's builder: they change the network, stand in its description, and are refused where there is no builder."""

from __future__ import annotations

from typing import Any

import pytest

from foveate.core.errors import FoveateError
from foveate.encoders.load import load


def test_they_change_the_network_and_its_spelling() -> None:
    plain = load("foveate:vit-mini")
    other = load("foveate:vit-mini", args={"patch_size": 8, "global_pool": "avg", "init_values": 1e-5})
    assert (plain.grid, other.grid) == ((8, 8), (4, 4))
    assert other.architecture.spelling != plain.architecture.spelling
    assert other.untrained(1).grid == (4, 4)
    narrow = load("foveate:resnet9", args={"widths": (8, 16, 32, 64)})
    assert narrow.width == 64
    timm: Any = load("random:vit_tiny_patch16_224", args={"drop_path_rate": 0.3}).module
    assert timm.blocks[-1].drop_path1.drop_prob == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("address", "args", "words"),
    [
        ("foveate:resnet9", {"drop_path_rate": 0.1}, "cannot be built"),
        ("foveate:vit-mini", {"global_pool": "sum"}, "cannot be built"),
        ("foveate:vit-mini", {"patch_size": 5}, "32×32"),
        ("foveate:vit-mini", {"patch_size": 0}, "32×32"),
        ("random:resnet18", {"wings": 2}, "cannot build"),
        ("local-dir:/nowhere", {"drop_path_rate": 0.1}, "as their files say"),
        ("hf-hub:timm/resnet18.a1_in1k", {"drop_path_rate": 0.1}, "as their files say"),
    ],
)
def test_what_a_builder_does_not_take(address: str, args: dict[str, Any], words: str) -> None:
    with pytest.raises(FoveateError, match=words):
        load(address, args=args)
