"""Following the objects of each video, and scoring what was predicted beside what it must be read against."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.run import Run
from foveate.engine.local import resolve_device
from foveate.measures import masks
from foveate.probing.config import Probe
from foveate.probing.vos.files import Scores, read_scores, write_masks, write_scores
from foveate.probing.vos.propagate import Settings, Tracker, decide, token_labels
from foveate.probing.vos.sight import Eyes, Grid, Sight
from foveate.probing.vos.videos import Video, find

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

COPY, CEILING = "copy", "ceiling"
"""The first mask left where it is; the true masks as coarse as the tokens are."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """All that one run found.

    Attributes:
        taps: the headline first. grids: of the headline's tokens, by video. frames: (h, w) that the encoder saw, by video.
        scores: video → method (a tap, ``untrained``, ``pixels``, ``copy`` or ``ceiling``) → J and F, [objects frames 2].
        folder: of the run.
    """

    config: Probe
    encoder: Encoder
    videos: list[Video]
    taps: tuple[str, ...]
    grids: dict[str, Grid]
    frames: dict[str, tuple[int, int]]
    scores: dict[str, Scores]
    folder: Path

    @property
    def headline(self) -> str:
        return self.taps[0]

    @property
    def methods(self) -> list[str]:
        """What was scored, the headline first."""
        return list(self.scores[self.videos[0].name])


def measure(config: Probe, run: Run) -> Followed:
    """Follow and score; a video whose scores stand in the run's folder is not followed again.

    Raises:
        FoveateError: settings out of range, no videos with masks, a tap without tokens.
    """
    _check(config)
    device = resolve_device(config.device)
    videos = find(config.data, config.test, config.videos)
    eyes = Eyes(config, device)
    scores: dict[str, Scores] = {}
    sights: dict[str, Sight] = {}
    with console.progress("vos", sum(map(len, videos)), "frames") as display:
        for video in videos:
            truth = video.masks()
            sight = sights[video.name] = eyes.at(*truth.shape[1:])
            about = {"encoder": eyes.native.fingerprint, "taps": list(sight.grids), "frame": list(sight.frame)}
            known = read_scores(run.folder, video, about)
            if known is None:
                began = time.perf_counter()
                predicted = follow(video, truth, sight, settings(config), display.advance)
                known = {method: score(guess, truth) for method, guess in predicted.items()}
                write_masks(run.folder, video, predicted[sight.headline])
                write_scores(run.folder, video, known, about)
                seconds = time.perf_counter() - began
                run.log("video", video=video.name, frames=len(video), objects=int(truth[0].max()), seconds=seconds)
            else:
                display.advance(len(video))
            scores[video.name] = known
    return Followed(
        config=config,
        encoder=eyes.native,
        videos=videos,
        taps=tuple(sight.grids),
        grids={name: one.grids[one.headline] for name, one in sights.items()},
        frames={name: one.frame for name, one in sights.items()},
        scores=scores,
        folder=run.folder,
    )


def settings(config: Probe) -> Settings:
    """How labels are carried on."""
    return Settings(context=config.context, radius=config.radius, topk=config.topk, temperature=config.temperature)


def follow(
    video: Video,
    truth: UInt8[np.ndarray, "n h w"],
    sight: Sight,
    rule: Settings,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, UInt8[np.ndarray, "n h w"]]:
    """Predicted masks by method. Frames are decoded and embedded one after the other; of truth only the first mask is used,
    but for the ceiling. ``tick`` is called after each frame."""
    classes, size = int(truth[0].max()) + 1, (truth.shape[1], truth.shape[2])
    found: dict[str, list[UInt8[np.ndarray, "h w"]]] = {}
    trackers: dict[str, Tracker] = {}
    for position, pixels in enumerate(video.frames()):
        if pixels.shape[:2] != size:
            raise FoveateError(
                f"frame {position} of {video.name} is {pixels.shape[1]}×{pixels.shape[0]}, its mask {size[1]}×{size[0]}.",
                "give frames and masks of one resolution",
            )
        for method, features in sight(pixels).items():
            if position == 0:
                labels = token_labels(truth[0], (features.shape[0], features.shape[1]), classes).to(features.device)
                trackers[method] = Tracker(features, labels, rule)
                found[method] = [truth[0]]
            else:
                found[method].append(decide(trackers[method].step(features), sight.frame, size))
        tick()
    grid = sight.grids[sight.headline]
    found[COPY] = [truth[0]] * len(truth)
    found[CEILING] = [decide(token_labels(mask, grid, classes), sight.frame, size) for mask in truth]
    return {method: np.stack(guesses) for method, guesses in found.items()}


def score(predicted: UInt8[np.ndarray, "n h w"], truth: UInt8[np.ndarray, "n h w"]) -> np.ndarray:
    """J and F of each object of the first frame at all frames but the first and the last, [objects frames 2]."""
    return np.array(
        [
            [
                (masks.region(guess == index, true == index), masks.contour(guess == index, true == index))
                for guess, true in zip(predicted[1:-1], truth[1:-1], strict=True)
            ]
            for index in range(1, int(truth[0].max()) + 1)
        ]
    )


def _check(config: Probe) -> None:
    """Numbers, before anything is loaded."""
    for name, least in (("frame_size", 16), ("context", 0), ("radius", 0), ("topk", 1)):
        if getattr(config, name) < least:
            raise FoveateError(
                f"--{name.replace('_', '-')} {getattr(config, name)} is less than {least}.",
                f"leave it out for {Probe.__dataclass_fields__[name].default}",
            )
    if not config.temperature > 0:
        raise FoveateError(f"--temperature {config.temperature:g} is not above 0.", "leave it out for 0.1")
    if not config.taps:
        raise FoveateError("--taps names no tap.", "leave it out for the last layer's tokens")
