"""What goes over the wire is what was seen."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
from PIL import Image

from foveate.rendering.environment import Environment
from foveate.rendering.serve.wire import FAR, centimetres, message


def test_pixels_come_through_whole(acted: Environment) -> None:
    seen = acted.step(object2="car")
    told = json.loads(json.dumps(message(seen), allow_nan=False))
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(told["image"]))))
    assert (picture == seen.image).all()
    mask = np.frombuffer(base64.b64decode(told["mask"]), np.uint8).reshape(told["height"], told["width"])
    assert (mask == seen.mask).all()
    depth = np.frombuffer(base64.b64decode(told["depth"]), "<u2").reshape(mask.shape)
    assert ((depth == FAR) == np.isinf(seen.depth)).all()
    near = np.isfinite(seen.depth)
    assert np.abs(depth[near] / 100 - seen.depth[near]).max() <= 0.00501
    assert told["factors"] == seen.factors
    assert [one["label"] for one in told["objects"]] == ["zebra", "car"]


def test_depth_beyond_sixteen_bits_is_far() -> None:
    assert centimetres(np.array([0, 0.004, 0.006, 655.34, 655.36, 1e9, np.inf, -1], np.float32)).tolist() == [
        0,
        0,
        1,
        65534,
        FAR,
        FAR,
        FAR,
        0,
    ]
