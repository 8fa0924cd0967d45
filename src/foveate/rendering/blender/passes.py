# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""One render into arrays: the picture, how much of each pixel each object covers, depth and normals."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import bpy
import files
import numpy as np

MIST = 80.0  # metres over which the mist pass runs from 0 to 1


def render(
    scene: bpy.types.Scene, shot: dict, names: dict[str, int], folder: Path
) -> tuple[dict[str, np.ndarray], float]:
    """Render the scene as it stands.

    Args:
        shot: its ``samples``, ``seed``, ``fog`` and ``passes`` (``normal``).
        names: object name → instance number, from 1.
        folder: for files that come and go.

    Returns:
        ``png`` the view-transformed picture, encoded, as (n,) uint8; ``coverage`` (k, h, w) float16, the share of each pixel that each object
        covers; ``depth`` (h, w) float32 metres along the viewing axis; ``normal`` (h, w, 3) float32 in the world, if asked for.
        And the seconds that Cycles took, which is all but reading and writing.
    """
    samples, seed, normal = shot["samples"], shot["seed"], "normal" in shot["passes"]
    scene.cycles.samples, scene.cycles.seed = samples, seed & 0x7FFFFFFF
    scene.view_layers[0].use_pass_normal = normal
    started = time.perf_counter()
    bpy.ops.render.render()
    seconds = time.perf_counter() - started
    files.png(bpy.data.images["Render Result"], folder / "picture.png", scene)
    found = files.passes(folder / "passes.exr", scene)
    coverage = _coverage(found, names)
    if shot["fog"] > 0:
        linear = np.stack([found[f"Combined.{c}"] for c in "RGBA"], -1)
        _develop(_fogged(linear, found["Mist.Z"] * MIST, shot["fog"]), folder / "picture.png", scene)
    out = {
        "png": np.frombuffer((folder / "picture.png").read_bytes(), np.uint8),
        "coverage": coverage,
        "depth": found["Depth.Z"].astype(np.float32),
    }
    if normal:
        out["normal"] = np.stack([found[f"Normal.{axis}"] for axis in "XYZ"], -1).astype(np.float32)
    return out, seconds


def _fogged(linear: np.ndarray, distance: np.ndarray, lost: float) -> np.ndarray:
    """Linear RGB seen through air that takes the share ``lost`` of the light over ten metres and gives back its own (Koschmieder 1924)."""
    clear = np.exp(np.log1p(-min(lost, 0.999)) / 10 * distance)[..., None]
    light = float(np.percentile(linear[..., :3] @ [0.2126, 0.7152, 0.0722], 80))
    air = light * np.array([0.96, 0.99, 1.03], np.float32)
    return np.concatenate([linear[..., :3] * clear + air * (1 - clear), linear[..., 3:]], -1)


def _develop(linear: np.ndarray, path: Path, scene: bpy.types.Scene) -> None:
    """Linear RGBA through the scene's view transform into a PNG."""
    h, w = linear.shape[:2]
    image = bpy.data.images.new("developed", w, h, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    image.pixels.foreach_set(np.ascontiguousarray(linear[::-1], np.float32).ravel())
    files.png(image, path, scene)
    bpy.data.images.remove(image)


def visibility(points: np.ndarray, covered: np.ndarray, camera: dict) -> tuple[float, list[float]]:
    """How much of an object's outline is seen, and the box around all of it.

    Args:
        points: (n, 3) spread over its surface. covered: (h, w) its share of each pixel.
        camera: intrinsics (3, 3) and extrinsics (4, 4), world to camera (x right, y down, z ahead).

    Returns:
        The visible share in [0, 1] of the cells that its outline fills, in the frame or out of it, hidden or not; and
        [x0, y0, x1, y1] px of the outline.
    """
    k, rt = np.array(camera["intrinsics"]), np.array(camera["extrinsics"])
    local = points @ rt[:3, :3].T + rt[:3, 3]
    local = local[local[:, 2] > 1e-3]
    if not len(local):
        return 0.0, [0.0, 0.0, 0.0, 0.0]
    xy = (local @ k.T)[:, :2] / local[:, 2:]
    low, high = xy.min(0), xy.max(0)
    cell = max(float((high - low).max()) / 40, 1.0)
    cells = np.unique(np.floor(xy / cell).astype(int), axis=0)
    y, x = np.nonzero(covered > 0)  # touched, as the cells are
    seen = {tuple(c) for c in np.unique(np.floor(np.stack([x + 0.5, y + 0.5], -1) / cell).astype(int), axis=0)}
    share = sum(tuple(c) in seen for c in cells) / len(cells)
    return float(share), [float(v) for v in (*low, *high)]


def _coverage(found: dict[str, np.ndarray], names: dict[str, int]) -> np.ndarray:
    """(k, h, w): the share of each pixel's samples that hit each object (Cryptomatte, Friedman & Jones 2015)."""
    ids = {_float_of(_murmur3(name.encode())): number for name, number in names.items()}
    shape = found["Depth.Z"].shape
    coverage = np.zeros((max(names.values(), default=0), *shape), np.float32)
    for level in ("00", "01"):
        for who, share in (("r", "g"), ("b", "a")):
            key = f"CryptoObject{level}."
            if key + who not in found:
                continue
            for identity, number in ids.items():
                hit = found[key + who] == np.float32(identity)
                coverage[number - 1][hit] += found[key + share][hit]
    return coverage.astype(np.float16)


def _float_of(hashed: int) -> float:
    """A hash as the float that Cryptomatte stores: the exponent kept off 0 and 255."""
    exponent = hashed >> 23 & 255
    if exponent in (0, 255):
        hashed ^= 1 << 23
    return struct.unpack("<f", struct.pack("<I", hashed))[0]


def _murmur3(data: bytes) -> int:
    """MurmurHash3 (x86, 32 bit, seed 0; Appleby): how Cryptomatte names objects."""
    h, n = 0, len(data)
    for start in range(0, n - n % 4, 4):
        k = int.from_bytes(data[start : start + 4], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        k = (k << 15 | k >> 17) & 0xFFFFFFFF
        h ^= k * 0x1B873593 & 0xFFFFFFFF
        h = ((h << 13 | h >> 19) & 0xFFFFFFFF) * 5 + 0xE6546B64 & 0xFFFFFFFF
    if n % 4:
        k = int.from_bytes(data[n - n % 4 :], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        k = (k << 15 | k >> 17) & 0xFFFFFFFF
        h ^= k * 0x1B873593 & 0xFFFFFFFF
    h ^= n
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16
