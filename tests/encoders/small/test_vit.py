"""The small ViTs."""

from __future__ import annotations

import pytest

from foveate.core.errors import FoveateError
from foveate.encoders.small.vit import vit, vit_tiny


def test_patches_are_four_pixels():
    assert vit_tiny((32, 32)).patch_embed.grid_size == (8, 8)
    assert vit_tiny((48, 32)).patch_embed.grid_size == (12, 8)


def test_timm_s_own_words_go_before_ours():
    """So ``--encoder-set depth=2``, as the message about arguments promises."""
    net = vit_tiny((32, 32), depth=2, embed_dim=96, num_heads=2)
    assert (len(net.blocks), net.embed_dim, net.blocks[0].attn.num_heads) == (2, 96, 2)


def test_the_size_must_be_a_multiple():
    with pytest.raises(FoveateError, match="8 pixels"):
        vit((36, 32), patch=8, width=16, blocks=1, heads=1)
