"""Blocks are found, and compiled in the network and in its copies, without a change of what it says or of its names."""

from __future__ import annotations

import copy

import pytest
import torch
import torch._dynamo.testing
from torch import nn

from foveate.core.errors import FoveateError
from foveate.encoders import blocks
from foveate.encoders.blocks import block_paths, compile_blocks
from foveate.encoders.load import load


@pytest.mark.parametrize(
    ("address", "count"),
    [("foveate:resnet9", 4), ("foveate:vit-mini", 6), ("random:resnet18", 8), ("random:mobilenetv2_050", 17)],
)
def test_every_block_is_found_once(address: str, count: int) -> None:
    encoder = load(address)
    paths = block_paths(encoder)
    assert len(set(paths)) == len(paths) == count
    assert not any(a != b and b.startswith(f"{a}.") for a in paths for b in paths)


def test_the_network_and_its_copies_are_compiled_and_say_the_same() -> None:
    encoder = load("foveate:resnet18-narrow")
    student = nn.ModuleDict({"backbone": encoder.module, "teacher": copy.deepcopy(encoder.module)}).eval()
    images, names = torch.randn(2, 3, 32, 32), list(encoder.module.state_dict())
    before = encoder.pooled(images)
    torch._dynamo.reset()
    counter = torch._dynamo.testing.CompileCounter()
    try:
        assert compile_blocks(encoder, student, backend=counter) == 2 * 8  # type: ignore[arg-type]
        assert torch.equal(encoder.pooled(images), before)
        assert torch.equal(encoder.pooled(images, student["teacher"]), before)
        assert counter.frame_count >= 2
    finally:
        torch._dynamo.reset()
    assert list(encoder.module.state_dict()) == names


def test_a_missing_compiler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.shutil, "which", lambda name: None)
    encoder = load("foveate:resnet9")
    with pytest.raises(FoveateError, match="C\\+\\+ compiler"):
        compile_blocks(encoder, encoder.module)
