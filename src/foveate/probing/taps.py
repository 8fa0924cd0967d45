"""Where features are read: the taps of a probe, in canonical spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

_DEPTH = re.compile(r"(stem|blocks\.\d+|stages\.\d+)$")


def probe_taps(encoder: Encoder, taps: tuple[str, ...]) -> tuple[str, ...]:
    """Canonical taps, the headline first; ``all`` stands for pooled, then every block or stage.

    Raises:
        FoveateError: a tap that the encoder lacks, or one that gives no single vector an image.
    """
    chosen: list[str] = []
    for tap in taps:
        # Before the first block a class token is the same for every image: the stem is read by its mean.
        depth = [f"{name}:mean" if name == "stem" else name for name in encoder.taps() if _DEPTH.match(name)]
        chosen += ["pooled", *depth] if tap == "all" else [tap]
    canonical = tuple(dict.fromkeys(encoder.check(tap) for tap in chosen))
    if tokens := [tap for tap in canonical if tap.endswith(":tokens")]:
        raise FoveateError(f"'{tokens[0]}' is many vectors an image, and this task reads one.", "use :mean or :cls")
    return canonical
