"""What pictures cost, before any is rendered. Measured by ``python -m benchmarks render``; docs/benchmarks.md has the table."""

from __future__ import annotations

START = 3.0  # CPU seconds until a worker's first picture, and per world that it builds
BASE = 0.25  # CPU seconds of any picture: building, denoising's fixed part, writing
PER_PATH = 4.2e-6  # CPU seconds per light path, over all worlds
PER_PIXEL = 14e-6  # CPU seconds per pixel: denoising, passes
BYTES = 5.5  # on disk per pixel: picture, mask and depth


def seconds(px: int, samples: int) -> float:
    """CPU seconds of one picture on one core of 2024's servers."""
    return BASE + px * px * (PER_PIXEL + PER_PATH * samples)


def size(px: int, *, normal: bool, flow: bool) -> float:
    """Bytes of one picture in the table."""
    return 4000 + px * px * (BYTES + 2.5 * normal + 6 * flow)
