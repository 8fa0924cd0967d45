"""The small ViTs."""

from __future__ import annotations

import pytest

from foveate.core.errors import FoveateError
from foveate.encoders.small.vit import vit, vit_tiny


def test_patches_are_four_pixels():
    assert vit_tiny((32, 32)).patch_embed.grid_size == (8, 8)
    assert vit_tiny((48, 32)).patch_embed.grid_size == (12, 8)


def test_the_size_must_be_a_multiple():
    with pytest.raises(FoveateError, match="8 pixels"):
        vit((36, 32), patch=8, width=16, depth=1, heads=1)
