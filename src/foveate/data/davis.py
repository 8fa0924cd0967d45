"""``davis:PATH[@split]``: videos as folders of frames, with a mask of the objects for each, as DAVIS lays them out.

``JPEGImages/480p/VIDEO/00000.jpg``, ``Annotations/480p/VIDEO/00000.png`` and, where there are splits,
``ImageSets/2017/val.txt``. The folder ``480p`` may be ``Full-Resolution``, or left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.address import Address
from foveate.core.errors import FoveateError, nearest
from foveate.data.columns import build, image_paths
from foveate.data.folder import SUFFIXES
from foveate.data.library import library
from foveate.data.registry import Scheme
from foveate.data.splits import canonical, choose

if TYPE_CHECKING:
    from datasets import Dataset

_RESOLUTIONS = ("480p", "Full-Resolution", "")
_YEARS = ("2017", "2016")


def load(address: Address, split: str | None = None) -> Dataset:
    """The frames of all videos of a split, video by video and in their order.

    Columns: image, mask (the PNG as it is: instance ids, 0 = background; DAVIS 2016 writes its one object as 255), ``group``
    (the video), ``frame`` (the number in the file's name) and ``id``, e.g. ``blackswan/00000``.

    Raises:
        FoveateError: not laid out so, no videos, a listed video that is not there, frames without a mask or of another size.
    """
    rest, named = address.split_at()
    root = _root(rest)
    images = _resolution(root / "JPEGImages")
    annotations = root / "Annotations" / images.relative_to(root / "JPEGImages")
    lists = _lists(root)
    chosen = choose(split or named, list(lists), address)
    videos = _names(lists[chosen]) if chosen is not None else sorted(d.name for d in images.iterdir() if d.is_dir())
    if not videos:
        raise FoveateError(f"{images} holds no videos.", "give DAVIS' layout: JPEGImages/480p/VIDEO/00000.jpg")
    columns: dict[str, list[Any]] = {"image": [], "mask": [], "group": [], "frame": [], "id": []}
    for video in videos:
        for number, (frame, mask) in enumerate(_frames(images / video, annotations / video)):
            columns["image"].append(str(frame))
            columns["mask"].append(str(mask))
            columns["group"].append(video)
            columns["frame"].append(int(frame.stem) if frame.stem.isdecimal() else number)
            columns["id"].append(f"{video}/{frame.stem}")
    datasets = library()
    features = {
        "image": datasets.Image(),
        "mask": datasets.Image(),
        "group": datasets.Value("string"),
        "frame": datasets.Value("int32"),
        "id": datasets.Value("string"),
    }
    paths = {key: image_paths(columns[key]) for key in ("image", "mask")}
    return build(columns | paths, features)


def splits(address: Address) -> list[str]:
    """The splits that ``ImageSets`` lists, of 2017 where it is there."""
    return list(_lists(_root(address.split_at()[0])))


def _root(rest: str) -> Path:
    root = Path(rest).expanduser().absolute()
    if not root.is_dir():
        raise FoveateError(f"there is no folder {rest}.", "give the folder that holds JPEGImages and Annotations")
    if not (root / "JPEGImages").is_dir():
        inner = next((d.name for d in sorted(root.iterdir()) if (d / "JPEGImages").is_dir()), None)
        raise FoveateError(
            f"{rest} holds no JPEGImages.",
            f"did you mean davis:{rest.rstrip('/')}/{inner}?" if inner else "give the folder that DAVIS unpacks to",
        )
    return root


def _resolution(folder: Path) -> Path:
    return next(folder / name for name in _RESOLUTIONS if (folder / name).is_dir())


def _lists(root: Path) -> dict[str, Path]:
    """Split → its list of videos."""
    for year in _YEARS:
        if files := sorted((root / "ImageSets" / year).glob("*.txt")):
            return {canonical(file.stem): file for file in files}
    return {}


def _names(file: Path) -> list[str]:
    """The videos that a list names, a line each."""
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _frames(images: Path, annotations: Path) -> Iterator[tuple[Path, Path]]:
    """The frames of a video with their masks, in order."""
    from PIL import Image, UnidentifiedImageError

    if not images.is_dir():
        beside = [entry.name for entry in images.parent.iterdir() if entry.is_dir()]
        raise FoveateError(
            f"the video {images.name} is listed, but {images} is not there.", nearest(images.name, beside)
        )
    frames = sorted(
        file for file in images.iterdir() if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    )
    if not frames:
        raise FoveateError(
            f"{images} holds no frames.", "give one image file a frame, e.g. 00000.jpg, or remove the folder"
        )
    masks = [annotations / f"{frame.stem}.png" for frame in frames]
    if missing := [mask for mask in masks if not mask.is_file()]:
        raise FoveateError(
            f"{len(missing):,} of the {len(masks):,} frames of {images.name} have no mask: {missing[0]} is not there.",
            "give a PNG of the frame's name for each, or leave the video out (test sets have masks of first frames only)",
        )
    first = None
    for frame, mask in zip(frames, masks, strict=True):
        try:
            with Image.open(frame) as picture, Image.open(mask) as drawn:
                sizes = picture.size, drawn.size
        except (UnidentifiedImageError, OSError):
            raise FoveateError(f"{frame} or its mask cannot be read.", "copy or download the video again") from None
        first = first or sizes[0]
        if sizes != (first, first):
            odd, size = (frame, sizes[0]) if sizes[0] != first else (mask, sizes[1])
            raise FoveateError(
                f"{odd} is {size[0]}×{size[1]}, not {first[0]}×{first[1]} as the video's first frame.",
                "give frames and masks of one resolution",
            )
        yield frame, mask


SCHEME = Scheme(load=load, splits=splits)
