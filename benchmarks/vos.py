"""Carrying masks to the next frame of a video: foveate against the published algorithm with all affinities.

Tokens of 480p frames at patch 16 (30 × 52), 384 wide, 8 frames looked at, radius 12, the 5 most similar tokens. The peer is what
the public scripts do: affinities of all tokens with all, multiplied by a mask of the neighbourhood that is made beforehand, top-k
down the columns, and one product with the labels. Both start from features as the encoder gives them, of which the peer
normalises those of all frames anew and we the new frame's. Results are compared before anything is timed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from foveate.probing.vos.propagate import Settings, carry

HEIGHT, WIDTH, DIMENSION, FRAMES, LABELS = 30, 52, 384, 8, 3
RULE = Settings()


def neighbourhood() -> Tensor:
    """Which of all tokens lie within the radius of which, as 0 and 1."""
    place = torch.arange(HEIGHT * WIDTH)
    row, column = place // WIDTH, place % WIDTH
    near = ((row[:, None] - row).abs() <= RULE.radius) & ((column[:, None] - column).abs() <= RULE.radius)
    return near.float()[None].repeat(FRAMES, 1, 1)


def peer(query: Tensor, sources: Tensor, labels: Tensor, near: Tensor) -> Tensor:
    """The dense form; [h w d], [n h w d] and [n h w c] in, [h w c] out."""
    tokens = HEIGHT * WIDTH
    q = F.normalize(query.view(1, tokens, -1), dim=2).repeat(FRAMES, 1, 1)
    s = F.normalize(sources.view(FRAMES, tokens, -1), dim=2)
    affinity = torch.exp(torch.bmm(q, s.transpose(1, 2)) / RULE.temperature)
    affinity *= near
    affinity = affinity.transpose(2, 1).reshape(-1, tokens)
    least = torch.topk(affinity, dim=0, k=RULE.topk).values.min(0).values
    affinity[affinity < least] = 0
    affinity = affinity / affinity.sum(0, keepdim=True)
    return (labels.reshape(-1, LABELS).T @ affinity).T.view(HEIGHT, WIDTH, LABELS)


def run(pairs: int = 9) -> list[dict[str, Any]]:
    """Medians of alternating pairs, in milliseconds of CPU time a frame."""
    random = torch.Generator().manual_seed(0)
    scene = torch.randn(HEIGHT, WIDTH, DIMENSION, generator=random)
    drift = 0.5 * torch.randn(FRAMES + 1, HEIGHT, WIDTH, DIMENSION, generator=random)
    features = scene + drift
    labels = torch.rand(FRAMES, HEIGHT, WIDTH, LABELS, generator=random)
    near, bank = neighbourhood(), F.normalize(features[:FRAMES], dim=-1)
    forms: dict[str, Callable[[], Tensor]] = {
        "ours": lambda: carry(F.normalize(features[FRAMES], dim=-1), bank, labels, RULE),
        "peer": lambda: peer(features[FRAMES], features[:FRAMES], labels, near),
    }
    times: dict[str, list[float]] = {name: [] for name in forms}
    with torch.inference_mode():
        apart = float((forms["ours"]() - forms["peer"]()).abs().max())
        assert apart < 1e-6, f"results differ by {apart:.1e}"
        for _ in range(pairs):
            for name, form in forms.items():
                began = time.process_time()
                form()
                times[name].append(1e3 * (time.process_time() - began))
    ratios = [theirs / mine for mine, theirs in zip(times["ours"], times["peer"], strict=True)]
    return [
        {
            "name": f"masks carried to a frame, {HEIGHT}×{WIDTH} tokens, d={DIMENSION}, {FRAMES} frames",
            "ours": statistics.median(times["ours"]),
            "peer": statistics.median(times["peer"]),
            "ratio": statistics.median(ratios),
            "unit": "CPU ms",
            "note": f"peer: the dense algorithm; largest difference of a share {apart:.1e}; {torch.get_num_threads()} threads",
        }
    ]


if __name__ == "__main__":
    for row in run():
        print(
            f"{row['name']}: {row['ours']:.0f} against {row['peer']:.0f} {row['unit']}, {row['ratio']:.1f}x  ({row['note']})"
        )
