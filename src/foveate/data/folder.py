"""``folder:PATH[@split]``: images in class folders, in split folders of class folders, or all in one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.address import Address
from foveate.core.console import warn
from foveate.core.errors import FoveateError, nearest
from foveate.data.columns import build
from foveate.data.library import library
from foveate.data.registry import Scheme
from foveate.data.splits import SPELLINGS, canonical, choose

if TYPE_CHECKING:
    from datasets import Dataset

SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "bmp", "tif", "tiff"),
        *("ppm", "pgm", "pbm", "pnm", "avif", "jp2", "heic", "heif"),
    )
)
"""What counts as an image by its name, in any case. HEIC stands here so that it is named as unreadable, not passed over."""

_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass
class _Listing:
    """What a walk through a folder found."""

    images: list[str] = field(default_factory=list)  # relative paths with /
    others: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)


def load(address: Address, split: str | None = None) -> Dataset:
    """All images below the folder, in the order of their paths.

    ``label`` is the first folder of the path, where there are such folders; ``id`` is the path relative to the folder
    (to the split's folder, where there are splits). Hidden files are passed over; other files that are no images,
    links that lead back up, and images that stand outside the class folders are left out with a note.

    Raises:
        FoveateError: no such folder, a file, no permission, no images.
    """
    rest, named = address.split_at()
    root = _root(rest, address)
    folders = _split_folders(root)
    chosen = choose(split or named, list(folders), address)
    base = folders[chosen] if chosen is not None else root
    listing = _list(base)
    if not listing.images:
        found = f" ({len(listing.others)} other files, e.g. {listing.others[0]})" if listing.others else ""
        raise FoveateError(
            f"{base} holds no images{found}.", f"give a folder of images ({', '.join(sorted(SUFFIXES)[:8])} …)"
        )
    _mention(address, listing)
    return _table(base, listing.images, address)


def splits(address: Address) -> list[str]:
    """The splits that the folder shows."""
    return list(_split_folders(_root(address.split_at()[0], address)))


def _table(base: Path, images: list[str], address: Address) -> Dataset:
    datasets = library()
    classes = sorted({name.split("/", 1)[0] for name in images if "/" in name})
    if classes:
        loose = [name for name in images if "/" not in name]
        if loose:
            count = (
                f"{len(loose):,} images, outside the class folders,"
                if len(loose) > 1
                else "an image outside the class folders"
            )
            warn(f"{address}: {count} {'are' if len(loose) > 1 else 'is'} left out: {_few(loose)}")
        images = [name for name in images if "/" in name]
    files = [_image(base, name) for name in images]
    columns: dict[str, Any] = {"image": files, "id": [_text(name) for name in images]}
    features: dict[str, Any] = {"image": datasets.Image(), "id": datasets.Value("string")}
    if classes:
        place = {name: code for code, name in enumerate(classes)}
        columns["label"] = [place[name.split("/", 1)[0]] for name in images]
        features["label"] = datasets.ClassLabel(names=[_text(name) for name in classes])
    return build(columns, features)


def _image(base: Path, name: str) -> dict[str, Any]:
    path = f"{base}/{name}"
    if path.isascii() or _text(path) == path:
        return {"bytes": None, "path": path}
    # A name that is no UTF-8 cannot stand in a table: such a file is taken in whole.
    try:
        return {"bytes": Path(path).read_bytes() if Path(path).is_file() else b"", "path": None}
    except OSError:
        return {"bytes": b"", "path": None}


def _text(name: str) -> str:
    """A file name as text, also where its bytes are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _root(rest: str, address: Address) -> Path:
    root = Path(rest).expanduser().absolute()
    try:
        is_folder, exists = root.is_dir(), root.exists()
    except PermissionError:
        raise FoveateError(f"no permission to look into {root}.", "change its permissions, or choose another") from None
    if is_folder:
        return root
    if exists:
        scheme = {".parquet": "parquet", ".tar": "wds", ".json": "coco"}.get(root.suffix)
        remedy = f"did you mean {scheme}:{rest}?" if scheme else f"give the folder it stands in: folder:{root.parent}"
        raise FoveateError(f"{rest} is a file, where a folder of images is due.", remedy)
    try:
        beside = [entry.name for entry in root.parent.iterdir() if entry.is_dir()]
    except OSError:
        beside = []
    remedy = nearest(root.name, beside) if beside else "check the path; it is read from the current folder"
    raise FoveateError(f"there is no folder {rest}.", remedy)


def _split_folders(root: Path) -> dict[str, Path]:
    """Split → folder, where the folders at the top are splits.

    They are when one of them is called train and either another split stands beside it or nothing but splits does;
    so a class called train among other classes stays a class.
    """
    folders = [entry for entry in _scan(str(root)) if not _passed_over(entry.name) and entry.is_dir()]
    found = {canonical(entry.name): Path(entry.path) for entry in folders if entry.name.lower() in SPELLINGS}
    if "train" in found and (len(found) > 1 or len(folders) == len(found)):
        order = ("train", "validation", "test")
        return {name: found[name] for name in order if name in found}
    return {}


def _list(base: Path) -> _Listing:
    listing = _Listing()
    for path, kind in _walk(str(base), "", ()):
        getattr(listing, kind).append(path)
    return listing


def _walk(folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, str]]:
    """(relative path, list of _Listing it belongs to), sorted; links to folders are followed unless they lead back up."""
    here = os.stat(folder)
    above = (*above, (here.st_dev, here.st_ino))
    for entry in _scan(folder):
        if _passed_over(entry.name):
            continue
        path = prefix + entry.name
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link that points at itself
            yield path, "loops"
            continue
        if not is_folder:
            yield path, "images" if os.path.splitext(entry.name)[1].lower() in SUFFIXES else "others"
        elif entry.is_symlink() and _is_above(entry.path, above):
            yield path, "loops"
        else:
            yield from _walk(entry.path, path + "/", above)


def _is_above(path: str, above: tuple[tuple[int, int], ...]) -> bool:
    target = os.stat(path)
    return (target.st_dev, target.st_ino) in above


def _scan(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except PermissionError:
        raise FoveateError(
            f"no permission to look into {folder}.", "change its permissions, or choose another"
        ) from None
    except OSError as error:
        raise FoveateError(f"{folder} cannot be read: {error.strerror}.", "check the disk and the path") from None


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def _mention(address: Address, listing: _Listing) -> None:
    if listing.others:
        count = len(listing.others)
        what = "file is no image and is" if count == 1 else "files are no images and are"
        warn(f"{address}: {count:,} {what} left out: {_few(listing.others)}")
    if listing.loops:
        warn(f"{address}: links that lead back are not followed: {_few(listing.loops)}")


def _few(names: list[str]) -> str:
    return ", ".join(map(_text, names[:3])) + (" …" if len(names) > 3 else "")


SCHEME = Scheme(load=load, splits=splits)
