"""``coco:JSON[#IMAGES_DIR]``: images with boxes, instances and captions in COCO's annotation format."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.address import Address
from foveate.core.errors import FoveateError
from foveate.data.columns import build, image_paths
from foveate.data.library import library
from foveate.data.registry import Scheme

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray


def load(address: Address, split: str | None = None) -> Dataset:
    """The images of the file in its order, with what it says of each.

    ``objects``: label (ClassLabel), box [x0 y0 x1 y1] in pixels, mask_id (from 1, in the order of the annotations),
    crowd, segmentation (as in the file, JSON; ``with_masks`` draws it); ``captions``: list of text. ``id`` is the
    file name. A column is there only if the file has such annotations.

    Raises:
        FoveateError: no such file, not COCO, or the images are not found.
    """
    rest = address.rest
    path, _, given = (
        (rest, "", "") if Path(rest).expanduser().exists() else rest.rpartition("#") if "#" in rest else (rest, "", "")
    )
    file = Path(path).expanduser().absolute()
    record = _read(file, address)
    images = record["images"]
    folder = _images_folder(file, given, images)
    columns: dict[str, Any] = {
        "image": image_paths([str(folder / image["file_name"]) for image in images]),
        "id": [str(image["file_name"]) for image in images],
    }
    datasets = library()
    features: dict[str, Any] = {"image": datasets.Image(), "id": datasets.Value("string")}
    of_image: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for annotation in record.get("annotations", []):
        of_image[annotation["image_id"]].append(annotation)
    if any("bbox" in annotation for annotation in record.get("annotations", [])):
        categories = sorted(record.get("categories", []), key=lambda category: category["id"])
        place = {category["id"]: code for code, category in enumerate(categories)}
        columns["objects"] = [_objects(of_image[image["id"]], place) for image in images]
        features["objects"] = datasets.List(_object_features([category["name"] for category in categories]))
    if any("caption" in annotation for annotation in record.get("annotations", [])):
        columns["captions"] = [[a["caption"] for a in of_image[image["id"]] if "caption" in a] for image in images]
        features["captions"] = datasets.List(datasets.Value("string"))
    return build(columns, features)


def with_masks(dataset: Dataset) -> Dataset:
    """The dataset with a column ``mask``: instance ids as 16-bit PNG, 0 = background, later objects over earlier.

    Drawn here and not in ``load``, since it takes a few milliseconds an image; crowds are drawn first.
    """
    from PIL import Image

    masks = []
    for item in dataset.select_columns(["image", "objects"]):
        width, height = item["image"].size
        stream = io.BytesIO()
        Image.fromarray(draw(item["objects"], height, width)).save(stream, "PNG", compress_level=1)
        masks.append({"bytes": stream.getvalue(), "path": None})
    return dataset.add_column("mask", masks, feature=library().Image())


def draw(objects: Sequence[Mapping[str, Any]], height: int, width: int) -> NDArray[np.uint16]:
    """Instance ids [height width] of one image's objects, from their polygons or run lengths."""
    import numpy as np

    mask = np.zeros((height, width), np.uint16)
    for thing in sorted(objects, key=lambda thing: not thing["crowd"]):
        shape = json.loads(thing["segmentation"]) if thing["segmentation"] else None
        if shape:
            mask[_region(shape, height, width)] = thing["mask_id"]
    return mask


def run_lengths(counts: str | Sequence[int]) -> list[int]:
    """COCO's run lengths, also when packed as text: 5 bits a character with a sign, each from the third on as the
    difference to the one two before."""
    if not isinstance(counts, str):
        return list(counts)
    lengths: list[int] = []
    value = shift = 0
    for character in counts:
        bits = ord(character) - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        lengths.append(value + (lengths[-2] if len(lengths) > 2 else 0))
        value = shift = 0
    return lengths


def _region(shape: Any, height: int, width: int) -> NDArray[np.bool_]:
    import numpy as np
    from PIL import Image, ImageDraw

    if isinstance(shape, dict):
        runs = run_lengths(shape["counts"])
        rows, columns = shape["size"]
        flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        whole = np.zeros((height, width), bool)
        part = flat[: rows * columns].reshape(columns, rows).T[:height, :width]
        whole[: part.shape[0], : part.shape[1]] = part
        return whole
    image = Image.new("1", (width, height))
    pen = ImageDraw.Draw(image)
    for polygon in shape:
        if len(polygon) >= 6:
            # COCO's coordinates are corners of pixels, the drawing's are their centres.
            pen.polygon([value - 0.5 for value in polygon], fill=1)
    return np.asarray(image)


def _objects(annotations: Sequence[Mapping[str, Any]], place: Mapping[Any, int]) -> list[dict[str, Any]]:
    found = []
    for number, annotation in enumerate((a for a in annotations if "bbox" in a), start=1):
        x, y, width, height = annotation["bbox"]
        shape = annotation.get("segmentation")
        found.append(
            {
                "label": place.get(annotation.get("category_id")),
                "box": [float(x), float(y), float(x + width), float(y + height)],
                "mask_id": number,
                "crowd": bool(annotation.get("iscrowd", 0)),
                "segmentation": json.dumps(shape) if shape else None,
            }
        )
    return found


def _object_features(names: list[str]) -> dict[str, Any]:
    datasets = library()
    return {
        "label": datasets.ClassLabel(names=names) if names else datasets.Value("int64"),
        "box": datasets.List(datasets.Value("float32"), length=4),
        "mask_id": datasets.Value("int32"),
        "crowd": datasets.Value("bool"),
        "segmentation": datasets.Value("string"),
    }


def _read(file: Path, address: Address) -> dict[str, Any]:
    try:
        record = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise FoveateError(
            f"there is no file {file}.", "write coco:ANNOTATIONS.json or coco:ANNOTATIONS.json#IMAGES_DIR"
        ) from None
    except OSError as error:
        raise FoveateError(f"{file} cannot be read: {error.strerror}.", "give the annotations' JSON file") from None
    except ValueError:
        raise FoveateError(f"{file} is not JSON.", "give COCO's annotations, e.g. instances_val2017.json") from None
    images = record.get("images") if isinstance(record, dict) else None
    if not isinstance(images, list) or not all(
        isinstance(image, dict) and "file_name" in image and "id" in image for image in images
    ):
        raise FoveateError(f"{file} has no list 'images' with id and file_name.", "give annotations in COCO's format")
    if not images:
        raise FoveateError(f"{address} lists no images.", "give annotations of at least one image")
    return record


def _images_folder(file: Path, given: str, images: Sequence[Mapping[str, Any]]) -> Path:
    """Where the first image is: the folder that was given, or one of COCO's usual places."""
    first = images[0]["file_name"]
    split = file.stem.rpartition("_")[2]
    above = file.parent.parent
    places = (
        [Path(given).expanduser().absolute()]
        if given
        else [
            file.parent,
            file.parent / "images",
            file.parent / split,
            above / split,
            above / "images" / split,
            above / "images",
            above,
        ]
    )
    for place in places:
        if (place / first).is_file():
            return place
    raise FoveateError(
        f"the images of {file.name} are not found: {first} is not in {', '.join(str(place) for place in places[:3])}"
        + (" …" if len(places) > 3 else "")
        + ".",
        f"write coco:{file}#IMAGES_DIR",
    )


SCHEME = Scheme(load=load, suffixes=(".json",))
