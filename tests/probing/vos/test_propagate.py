"""The fast form of propagation against the published algorithm, written out with all affinities."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from foveate.probing.vos.propagate import Settings, Tracker, carry, decide, token_labels


def dense(query: Tensor, sources: list[Tensor], labels: list[Tensor], rule: Settings) -> Tensor:
    """One frame: features [h w d] and labels [h w c]; sources × queries of all frames at once, in float64."""
    height, width, channels = labels[0].shape
    tokens = height * width
    q = F.normalize(query.double().reshape(tokens, -1), dim=1)
    s = F.normalize(torch.cat([each.double().reshape(tokens, -1) for each in sources]), dim=1)
    affinity = torch.exp(s @ q.T / rule.temperature)
    if rule.radius:
        near = torch.zeros(tokens, tokens, dtype=torch.double)
        for i in range(tokens):
            for j in range(tokens):
                rows, columns = abs(i // width - j // width), abs(i % width - j % width)
                near[i, j] = rows <= rule.radius and columns <= rule.radius
        affinity *= near.repeat(len(sources), 1)
    least = affinity.topk(min(rule.topk, len(affinity)), dim=0).values[-1]
    affinity[affinity < least] = 0
    affinity /= affinity.sum(0, keepdim=True)
    carried = torch.cat([each.double().reshape(tokens, channels) for each in labels])
    return (affinity.T @ carried).reshape(height, width, channels)


def dense_video(features: list[Tensor], first: Tensor, rule: Settings) -> list[Tensor]:
    """The labels of all frames but the first: the first frame and a queue of the last ``context``."""
    queue: deque[tuple[Tensor, Tensor]] = deque(maxlen=rule.context)
    found = []
    for query in features[1:]:
        frames = [(features[0], first), *queue]
        found.append(dense(query, [f for f, _ in frames], [s for _, s in frames], rule))
        queue.append((query, found[-1]))
    return found


def dense_decision(labels: Tensor, frame: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    large = F.interpolate(labels.permute(2, 0, 1)[None], size=frame, mode="bilinear", align_corners=False)[0].clone()
    for channel in large:
        if channel.max() > channel.min():
            channel -= channel.min().clone()
            channel /= channel.max().clone()
    chosen = torch.max(large, dim=0).indices.to(torch.uint8).numpy()
    return np.array(Image.fromarray(chosen).resize((size[1], size[0]), Image.Resampling.NEAREST))


def video(grid: tuple[int, int], frames: int, width: int, seed: int) -> tuple[list[Tensor], Tensor]:
    """Features that drift from frame to frame, and a first frame with three labels."""
    random = torch.Generator().manual_seed(seed)
    at = torch.randn(*grid, width, generator=random)
    features = []
    for _ in range(frames):
        features.append(at)
        at = at.roll(1, 1) + 0.3 * torch.randn(*grid, width, generator=random)
    return features, F.one_hot(torch.randint(0, 3, grid, generator=random), 3).float()


@pytest.mark.parametrize(
    ("grid", "rule"),
    [
        ((9, 13), Settings(radius=3)),
        ((9, 13), Settings(radius=0, context=2)),
        ((7, 16), Settings(radius=2, topk=1)),
        ((12, 8), Settings(radius=30, topk=7, context=3, temperature=0.05)),
        ((5, 11), Settings(radius=1, topk=40)),  # more than there are in reach
        ((6, 5), Settings(radius=2, context=0)),
        ((2, 7), Settings(radius=1)),
    ],
)
def test_the_fast_form_is_the_dense_one(grid: tuple[int, int], rule: Settings) -> None:
    features, first = video(grid, 10, 24, seed=1)
    tracker = Tracker(features[0], first, rule)
    size, frame = (grid[0] * 9, grid[1] * 10), (grid[0] * 8, grid[1] * 8)
    for query, expected in zip(features[1:], dense_video(features, first, rule), strict=True):
        found = tracker.step(query)
        assert (found - expected).abs().max() < 1e-6
        assert (decide(found, frame, size) == dense_decision(expected, frame, size)).mean() > 0.9999


def test_masks_are_equal_at_the_size_of_davis() -> None:
    """30 × 52 tokens of 480p frames, 8 contexts."""
    features, first = video((30, 52), 9, 32, seed=2)
    sources, labels = torch.stack(features[:8]), torch.stack([first.roll(i, 1) for i in range(8)])
    rule = Settings()
    found = carry(*(F.normalize(each, dim=-1) for each in (features[8], sources)), labels, rule)
    near = torch.arange(30 * 52)
    row, column = near // 52, near % 52
    reach = ((row[:, None] - row).abs() <= 12) & ((column[:, None] - column).abs() <= 12)
    q, s = (F.normalize(each.double().flatten(0, -2), dim=1) for each in (features[8], sources))
    affinity = torch.exp(s @ q.T / 0.1) * reach.repeat(8, 1)
    affinity[affinity < affinity.topk(5, dim=0).values[-1]] = 0
    expected = ((affinity / affinity.sum(0)).T @ labels.double().flatten(0, 2)).view(30, 52, 3)
    assert (found - expected).abs().max() < 1e-6
    assert (decide(found, (480, 832), (480, 854)) == dense_decision(expected.float(), (480, 832), (480, 854))).all()


def test_all_that_are_as_similar_as_the_kth_take_part() -> None:
    """Of features that are equal none comes first: the mean over all in reach."""
    ones = torch.zeros(4, 8, 8)
    ones[..., 0] = 1
    labels = torch.rand(2, 4, 8, 3)
    rule = Settings(radius=1, topk=2)
    found = carry(ones, ones[None].repeat(2, 1, 1, 1), labels, rule)
    corner = labels[:, :2, :2].mean((0, 1, 2))
    assert found[0, 0] == pytest.approx(corner.numpy(), abs=1e-6)
    assert found == pytest.approx(dense(ones, [ones, ones], list(labels), rule).float().numpy(), abs=1e-6)


def test_a_channel_that_is_the_same_everywhere_stays() -> None:
    """Where the object is lost the background is 1 everywhere; stretched, it would be 0 / 0."""
    labels = torch.zeros(3, 4, 2)
    labels[..., 0] = 1
    assert not decide(labels, (24, 32), (30, 40)).any()


def test_labels_of_tokens_are_the_pixels_at_their_centres() -> None:
    mask = np.zeros((480, 854), np.uint8)
    mask[100:300, 200:500], mask[400:, :20] = 2, 1
    small = np.asarray(Image.fromarray(mask).resize((52, 30), Image.Resampling.NEAREST))
    labels = token_labels(mask, (30, 52), 3)
    assert labels.shape == (30, 52, 3)
    assert (labels.argmax(-1).numpy() == small).all()
    assert (labels.sum(-1) == 1).all()
