"""The planted duplicates are found, all of them and nothing else."""

from __future__ import annotations

import numpy as np

from foveate.data.load import load
from foveate.data.pixels import PixelStore
from foveate.encoders.load import load as load_encoder
from foveate.features.embed import embed
from foveate.probing.overlap import find


def test_planted_duplicates():
    parts = [load(f"builtin:duplicates@{part}") for part in ("train", "test")]
    encoder = load_encoder("random:foveate:resnet9")
    stored = [embed(encoder, part, progress=False) for part in parts]
    small = [np.asarray(PixelStore(part, 32).pixels) for part in parts]
    overlap = find(*stored, *small)
    truth = {row["id"]: row["factors"] for row in parts[1].remove_columns("image") if row["factors"]["copy"]}
    found = {stored[1].ids[match.test]: stored[0].ids[match.train] for match in overlap.matches}
    assert found == {id: factors["copy_of"] for id, factors in truth.items()}
    assert overlap.count("bytes") == sum(factors["copy"] == "same" for factors in truth.values()) == 10
    assert overlap.count("thumbnail") == 10
    assert overlap.rows.sum() == len(overlap) == 20
