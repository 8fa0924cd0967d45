from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.features import features as module
from foveate.features.embed import embed
from foveate.features.features import Features
from tests.features.conftest import Planted, pictures, png, table


@pytest.fixture
def features(planted: Planted) -> Features:
    return embed(planted, table([png(p) for p in pictures(23)]), ["pooled", "thumb"], batch_size=5, progress=False)


@pytest.mark.parametrize("size", [1, 4, 23, 100, None])
def test_blocks_put_together_are_the_array(features: Features, size: int | None) -> None:
    blocks = list(features.blocks("thumb", size))
    assert all(len(block) <= (size or 23) for block in blocks)
    assert np.array_equal(np.concatenate(blocks), features.array("thumb"))


def test_a_large_array_is_mapped_equal_writable_and_leaves_no_file(
    features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = features.array("thumb")
    before = sorted(features.folder("thumb").iterdir())
    monkeypatch.setattr(module, "IN_MEMORY", 100)
    large = features.array("thumb")
    assert isinstance(large, np.memmap)
    assert np.array_equal(large, small)
    large[0] = -1  # a private copy: the store does not change
    assert np.array_equal(features.array("thumb"), small)
    assert sorted(features.folder("thumb").iterdir()) == before


def test_take_a_tensor_and_the_length(features: Features) -> None:
    whole = features.array("pooled")
    assert np.array_equal(features.take("pooled", np.array([5, 0, 5])), whole[[5, 0, 5]])
    assert np.array_equal(features.tensor("pooled").numpy(), whole)
    assert len(features) == 23


def test_a_tap_that_was_not_asked_for_is_an_error(features: Features) -> None:
    with pytest.raises(FoveateError, match="no tap 'poled'") as caught:
        features.array("poled")
    assert "pooled" in caught.value.remedy


def test_digests_tell_copies(planted: Planted, tmp_path: Path) -> None:
    one, two = (png(p) for p in pictures(2))
    features = embed(planted, table([one, two, one]), progress=False)
    assert features.digests[0] == features.digests[2] != features.digests[1]
    assert features.encoded_digests[0] == features.encoded_digests[2] != features.encoded_digests[1]
