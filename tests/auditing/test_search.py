"""Label inference with an encoder: neighbours against a plain computation, for both metrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.auditing.search import Lookup
from foveate.auditing.sets import cut, open_set
from foveate.encoders.load import load


@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_neighbours_are_the_nearest_public_images(metric):
    public = open_set("public", "builtin:dejavu@public[0:60]")
    members = open_set("members", "builtin:dejavu@members-a[0:20]", classes=public.classes)
    crops = cut(members, "boxes", share=0.3)
    encoder = load("random:foveate:resnet9")
    lookup = Lookup(encoder, public, ("pooled",), torch.device("cpu"), metric)
    found = lookup.neighbours(crops, 7)["pooled"]
    base = lookup._embed(public, None)["pooled"].astype(np.float64)
    query = lookup.features(crops)["pooled"].astype(np.float64)
    if metric == "cosine":
        query, base = query - base.mean(0), base - base.mean(0)
        distance = -(query @ base.T) / np.outer(np.linalg.norm(query, axis=1), np.linalg.norm(base, axis=1))
    else:
        distance = np.linalg.norm(query[:, None] - base[None], axis=2)
    assert (found == np.argsort(distance, axis=1)[:, :7]).mean() > 0.98
    inference = lookup.infer(found, 1)
    assert (inference.predicted == public.labels[found[:, 0]]).all()


def test_the_crop_is_what_is_embedded():
    """The whole image and its crop are told apart."""
    public = open_set("public", "builtin:dejavu@public[0:30]")
    lookup = Lookup(load("random:foveate:resnet9"), public, ("pooled",), torch.device("cpu"))
    crops = cut(public, "boxes", share=0.3)
    assert not np.allclose(lookup.features(crops)["pooled"], lookup._embed(public, None)["pooled"])
