"""What a run keeps of each video: its predicted masks, as the official evaluator reads them, and the scores of its frames.

``OUT/masks/VIDEO/00000.png`` with DAVIS' palette; ``OUT/scores/VIDEO.json``, written last: a video that has one is done.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from foveate.core.files import atomic, read_json, write_json
from foveate.probing.vos.videos import Video

Scores = dict[str, Float[np.ndarray, "objects frames 2"]]
"""Method → J and F of each object at each scored frame."""


def palette() -> UInt8[np.ndarray, "256 3"]:
    """DAVIS' colours: 22 whose channels are the bits of their number, as PASCAL VOC has them, then greys."""
    colours = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    for index in range(22):
        for channel in range(3):
            value = 128 * (index >> channel & 1) + 64 * (index >> (channel + 3) & 1)
            colours[index, channel] = min(value, 191)
    return colours


def write_masks(folder: Path, video: Video, masks: UInt8[np.ndarray, "n h w"]) -> None:
    """Indexed PNGs, one a frame."""
    for number, mask in zip(video.numbers, masks, strict=True):
        image = Image.fromarray(mask)
        image.putpalette(palette().tobytes())
        with atomic(_mask(folder, video, number)) as temporary:
            image.save(temporary, "PNG")


def read_mask(folder: Path, video: Video, frame: int) -> UInt8[np.ndarray, "h w"]:
    """The predicted mask of the frame at this position."""
    with Image.open(_mask(folder, video, video.numbers[frame])) as image:
        return np.asarray(image)


def write_scores(folder: Path, video: Video, scores: Scores, about: dict[str, Any]) -> None:
    """The scores of a video; ``about`` says of what: with another, they are not read again."""
    listed = {method: {"j": s[..., 0].tolist(), "f": s[..., 1].tolist()} for method, s in scores.items()}
    write_json(_scores(folder, video), {"about": about, "frames": video.numbers[1:-1], "scores": listed})


def read_scores(folder: Path, video: Video, about: dict[str, Any]) -> Scores | None:
    """The scores of a video that an earlier start of this run finished; None where there are none."""
    file = _scores(folder, video)
    if not file.exists() or not all(_mask(folder, video, number).exists() for number in video.numbers):
        return None
    record = read_json(file, what="the scores of a video")
    if record["about"] != about or record["frames"] != list(video.numbers[1:-1]):
        return None
    return {
        method: np.stack([np.array(each["j"]), np.array(each["f"])], axis=-1)
        for method, each in record["scores"].items()
    }


def _mask(folder: Path, video: Video, number: int) -> Path:
    return folder / "masks" / video.folder / f"{number:05d}.png"


def _scores(folder: Path, video: Video) -> Path:
    return folder / "scores" / f"{video.folder}.json"
