"""Optical flow between two frames, exact by construction: every pixel's point is carried with its object and projected anew."""

from __future__ import annotations

import numpy as np

from foveate.rendering.scene import Array
from foveate.rendering.truth import Truth


def forward(now: Truth, then: Truth) -> Array:
    """Where each pixel's point will be in the next frame.

    Returns:
        (h, w, 2) float32 pixels, right and down; NaN for the sky, which has no depth. What will be hidden has its flow too.
    """
    h, w = now.mask.shape
    y, x = np.mgrid[:h, :w] + 0.5
    known = np.isfinite(now.depth)
    ray = np.stack([x, y, np.ones_like(x)], -1) @ np.linalg.inv(now.camera["intrinsics"]).T
    seen = ray * np.where(known, now.depth, 1.0)[..., None]
    back = np.linalg.inv(now.camera["extrinsics"])
    world = seen @ back[:3, :3].T + back[:3, 3]
    for index, (before, after) in enumerate(zip(now.poses, then.poses, strict=True)):
        move = after @ np.linalg.inv(before)
        on = now.mask == index + 1
        world[on] = world[on] @ move[:3, :3].T + move[:3, 3]
    rt = then.camera["extrinsics"]
    local = world @ rt[:3, :3].T + rt[:3, 3]
    projected = local @ then.camera["intrinsics"].T
    moved = projected[..., :2] / np.where(projected[..., 2:] > 1e-6, projected[..., 2:], np.nan) - np.stack([x, y], -1)
    moved[~known] = np.nan
    return moved.astype(np.float32)
