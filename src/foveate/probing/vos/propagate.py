"""Masks carried from frame to frame by the similarity of tokens: nothing is trained.

Each token of a new frame takes the labels of the tokens that are most like it, in the first frame and the last few, no further
away than a radius (Jabri et al. 2020; with a transformer's tokens, Caron et al. 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from PIL import Image
from torch import Tensor

_BAND = 5  # rows of tokens worked on at once: enough for a fast product, few enough that most of what it gives is used


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How labels are carried on.

    Attributes:
        context: how many of the last frames are looked at, besides the first.
        radius: how far a token looks, in tokens along each axis; 0 looks everywhere.
        topk: from how many tokens, of all those frames together, it takes its labels; ties take part.
        temperature: they weigh exp(cosine / temperature).
    """

    context: int = 7
    radius: int = 12
    topk: int = 5
    temperature: float = 0.1


class Tracker:
    """The labels of one video's tokens, frame by frame.

    What it predicts it looks back at as it is, as shares and not as decided masks. Memory is that of the frames it looks at.

    Args:
        features: [h w d], of the first frame. labels: [h w c], its shares of background and objects.
        settings: how labels are carried on.
    """

    def __init__(self, features: Float[Tensor, "h w d"], labels: Float[Tensor, "h w c"], settings: Settings) -> None:
        self.settings = settings
        self._features = features.new_empty(settings.context + 1, *features.shape)
        self._labels = labels.new_empty(settings.context + 1, *labels.shape)
        self._features[0], self._labels[0] = F.normalize(features, dim=-1), labels
        self._seen = 1

    def step(self, features: Float[Tensor, "h w d"]) -> Float[Tensor, "h w c"]:
        """The labels of the next frame."""
        query = F.normalize(features, dim=-1)
        held = min(self._seen, len(self._features))
        labels = carry(query, self._features[:held], self._labels[:held], self.settings)
        if self.settings.context:
            slot = (
                1 + (self._seen - 1) % self.settings.context
            )  # over the oldest but the first; their order is of no account
            self._features[slot], self._labels[slot] = query, labels
        self._seen += 1
        return labels


def carry(
    query: Float[Tensor, "h w d"],
    sources: Float[Tensor, "n h w d"],
    labels: Float[Tensor, "n h w c"],
    settings: Settings,
) -> Float[Tensor, "h w c"]:
    """Labels for the tokens of one frame, from those of others.

    The same as the affinities of all tokens with all, set to 0 outside of the radius and below the k-th largest of each column and
    divided by their sum; but a band of rows is compared with the rows in its reach only, and the k largest are sought in the
    groups that hold them.

    Args:
        query, sources: features of length 1. labels: shares that belong to the sources.
    """
    height, width, _ = query.shape
    radius = settings.radius or max(height, width)
    columns = torch.arange(width, device=query.device)
    beyond = _beyond(columns, columns, radius)
    found = labels.new_empty(height, width, labels.shape[-1])
    for first in range(0, height, _BAND):
        last = min(first + _BAND, height)
        start, stop = max(first - radius, 0), min(last + radius, height)
        rows = torch.arange(start, stop, device=query.device)
        similarity = query[first:last].flatten(0, 1) @ sources[:, start:stop].flatten(1, 2).transpose(1, 2)
        reach = _beyond(rows[first - start : last - start], rows, radius)[:, None, :, None] + beyond[:, None]
        similarity += reach.flatten(2).flatten(0, 1)
        votes = _vote(similarity, labels[:, start:stop], settings)
        found[first:last] = votes.unflatten(0, (last - first, width))
    return found


def _vote(
    similarity: Float[Tensor, "n q s"], labels: Float[Tensor, "n r w c"], settings: Settings
) -> Float[Tensor, "q c"]:
    """Each query's labels: the mean over the k sources that are most similar, weighed by exp(similarity / temperature).

    The k largest lie in the k groups with the largest maxima, so that only these are sorted.
    """
    n, queries, count = similarity.shape
    size = _group(labels.shape[2])
    groups = similarity.view(n, queries, count // size, size)
    tops = groups.amax(-1).transpose(0, 1).flatten(1)
    tops, order = tops.topk(min(settings.topk + 1, tops.shape[1]), dim=-1)
    context, group = order // (count // size), order % (count // size)
    row = torch.arange(queries, device=similarity.device)[:, None]
    some = groups[context[:, : settings.topk], row, group[:, : settings.topk]].flatten(1)
    values, place = some.topk(min(settings.topk, some.shape[1]), dim=-1)
    least = values[:, -1:]
    tied = (some >= least).sum(-1) > values.shape[1]
    if tops.shape[1] > settings.topk:
        tied |= tops[:, -1] >= least[:, 0]
    flat = labels.flatten(1, 2)
    which, inside = place // size, place % size
    source = group.gather(1, which) * size + inside
    weights = torch.exp((values - values[:, :1]) / settings.temperature)
    votes = (weights[..., None] * flat[context.gather(1, which), source]).sum(1) / weights.sum(1, keepdim=True)
    if tied.any():  # all that are as similar as the k-th take part
        near = similarity[:, tied]
        excess = (near - values[tied, :1]) / settings.temperature
        weights = torch.where((near >= least[tied]) & (near > -math.inf), excess.exp(), 0)
        votes[tied] = torch.einsum("nqs,nsc->qc", weights, flat) / weights.sum((0, 2))[:, None]
    return votes


def _beyond(ours: Int[Tensor, " a"], theirs: Int[Tensor, " b"], radius: int) -> Float[Tensor, "a b"]:
    """0 where two places along an axis are in each other's reach, else minus infinity."""
    return torch.where((ours[:, None] - theirs).abs() > radius, -math.inf, 0.0)


def _group(width: int) -> int:
    """How many neighbours of a row are kept together: a divisor of its length, between 4 and 16 where there is one."""
    return next((size for size in range(16, 3, -1) if width % size == 0), width)


def token_labels(
    mask: UInt8[np.ndarray, "height width"], grid: tuple[int, int], classes: int
) -> Float[Tensor, "h w c"]:
    """The labels of a frame's tokens from its mask: the pixel nearest to each token's centre, one-hot."""
    return F.one_hot(torch.from_numpy(_nearest(mask, grid)).long(), classes).float()


def decide(
    labels: Float[Tensor, "h w c"], frame: tuple[int, int], size: tuple[int, int]
) -> UInt8[np.ndarray, "height width"]:
    """The mask of the original's size from the shares of tokens.

    Shares are made larger bilinearly to the frame as the encoder saw it, each channel is stretched to 0 … 1 (one that is the same
    everywhere stays), the largest wins, and the answer is made as large as the original by the nearest pixel.

    Args:
        frame: (h, w) that the encoder saw. size: (height, width) of the original.
    """
    large = F.interpolate(labels.permute(2, 0, 1)[None], size=frame, mode="bilinear", align_corners=False)[0]
    least = large.amin((1, 2), keepdim=True)
    span = large.amax((1, 2), keepdim=True) - least
    stretched = torch.where(span > 0, (large - least) / span.clamp_min(torch.finfo(span.dtype).tiny), large)
    return _nearest(stretched.argmax(0).to(torch.uint8).cpu().numpy(), size)


def _nearest(mask: UInt8[np.ndarray, "_ _"], size: tuple[int, int]) -> UInt8[np.ndarray, "h w"]:
    return np.array(Image.fromarray(mask).resize((size[1], size[0]), Image.Resampling.NEAREST))
