"""A picture as a row of the table, and rows as a Parquet shard that ``datasets`` opens."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from foveate.core.files import explained
from foveate.core.seeds import numpy_stream
from foveate.data.library import library
from foveate.rendering.captions import Facts, Thing, negatives, stages, tell
from foveate.rendering.designs import Planned
from foveate.rendering.factors import FACTORS, NOTHING, RELATED, SCATTERED, Value, placed, scattered
from foveate.rendering.palette import Palette
from foveate.rendering.scene import Array
from foveate.rendering.shots import Actor
from foveate.rendering.truth import Truth, relations, side

DIRECTLY = {f"to the {name}" if name in ("left of", "right of") else name: sides for name, sides in RELATED.items()}
"""``RELATED`` by the words of captions."""


def features(px: int, *, normal: bool, flow: bool) -> Any:
    """The table's columns as ``datasets.Features``."""
    datasets = library()
    text, number, whole = (datasets.Value(kind) for kind in ("string", "float32", "int32"))
    lists, image = datasets.List, datasets.Image()
    columns = {
        "image": image,
        "mask": image,
        "depth": image,
        **({"normal": image} if normal else {}),
        **({"flow": datasets.Array3D((px, px, 2), "float32")} if flow else {}),
        "objects": lists(
            {
                "label": text,
                "box": lists(number),
                "mask_id": whole,
                "caption": text,
                "outline": lists(number),
                "area": number,
                "visibility": number,
                "asset": text,
                "material": text,
                "pose": lists(lists(number)),
                "bounds": lists(lists(number)),
            }
        ),
        "relations": lists({"subject": whole, "predicate": text, "object": whole}),
        "factors": {name: _type(name, text, datasets.Value("float64"), whole) for name in FACTORS},
        "varied": text,
        "label": text,
        "imagenet": lists(whole),
        "caption": text,
        "captions": lists(text),
        "stages": lists({"stage": text, "caption": text, "negative": text}),
        "negatives": lists({"kind": text, "caption": text}),
        "group": text,
        "id": text,
        "seed": datasets.Value("int64"),
        "camera": {"intrinsics": lists(lists(number)), "extrinsics": lists(lists(number))},
    }
    return datasets.Features(columns)


def _type(name: str, text: Any, number: Any, whole: Any) -> Any:
    factor = FACTORS[name]
    if factor.choices is not None or name in ("scene", "asset", "asset2"):
        return text
    return whole if factor.whole else number


def named(factors: dict[str, Value], palette: Palette) -> dict[str, Value]:
    """Factors as the table tells them: a scene and an asset by the name of its kind and its number, ``meadow#3``. Of what is
    the user's there is one, number 0."""
    told = placed(factors)
    if scattered(factors):
        told |= {"position": SCATTERED, "position2": SCATTERED}
    for name, kind, own in (
        ("scene", "world", palette.own_worlds),
        ("asset", "object", palette.own_objects),
        ("asset2", "object2", palette.own_objects),
    ):
        what = str(factors[kind])
        told[name] = what if what == NOTHING else f"{what}#{0 if what in own else factors[name]}"
    return told


def row(
    planned: Planned, factors: dict[str, Value], cast: Sequence[Actor], truth: Truth, palette: Palette
) -> dict[str, Any]:
    """One picture's row.

    Args:
        factors: those that it was rendered with: the plan's, or with nuisances drawn again.
        cast: who is in it, as ``shots.cast`` gave them.
    """
    seen = [k for k, area in enumerate(truth.areas) if area > 0]
    related = relations(truth)
    facts = _facts(factors, cast, truth, seen, related)
    largest = max(seen, key=lambda k: truth.areas[k], default=None)
    staged = stages(facts, palette)
    # Where the relation is told, the sides are not: they say the same.
    short = replace(facts, things=tuple(replace(thing, side="") for thing in facts.things)) if facts.relation else facts
    told = tell(short, palette)
    natural = [palette.natural(cast[k].name, cast[k].asset) for k in seen]
    regions = [tell(Facts((Thing(cast[k].name, cast[k].material),)), palette) for k in range(len(cast))]
    name = None if largest is None else cast[largest].name
    return {
        "image": _png(truth.image),
        "mask": _png(truth.mask),
        "depth": _tiff(truth.depth),
        **(
            {"normal": _png(np.round((truth.normal + 1) * 127.5).clip(0, 255).astype(np.uint8))}
            if truth.normal is not None
            else {}
        ),
        "objects": [
            {
                "label": cast[k].name,
                "box": truth.boxes[k],
                "mask_id": k + 1,
                "caption": regions[k].removeprefix("a photo of "),
                "outline": truth.outlines[k],
                "area": truth.areas[k],
                "visibility": truth.visibility[k],
                "asset": f"{cast[k].name}#{cast[k].asset}",
                "material": cast[k].material,
                "pose": truth.poses[k].tolist(),
                "bounds": truth.bounds[k].tolist(),
            }
            for k in seen
        ],
        "relations": [{"subject": a + 1, "predicate": word, "object": b + 1} for a, word, b in related],
        "factors": named(factors, palette),
        "varied": planned.varied or None,
        "label": name,
        "imagenet": palette.imagenet(name) if name else [],
        "caption": told,
        "captions": list(dict.fromkeys([told, *(regions[k] for k in seen), *(caption for _, caption, _ in staged)])),
        "stages": [{"stage": stage, "caption": caption, "negative": wrong or None} for stage, caption, wrong in staged],
        "negatives": [
            {"kind": kind, "caption": text}
            for kind, text in negatives(short, natural, palette, numpy_stream(planned.seed, "negatives"))
        ],
        "group": f"sequence-{planned.sequence}" if planned.sequence >= 0 else str(named(factors, palette)["asset"]),
        "id": f"{planned.index:07d}",
        "seed": planned.seed,
        "camera": {key: value.tolist() for key, value in truth.camera.items()},
    }


def _facts(
    factors: dict[str, Value],
    cast: Sequence[Actor],
    truth: Truth,
    seen: list[int],
    related: list[tuple[int, str, int]],
) -> Facts:
    """What the caption tells: classes, materials, and sides or the relation that was meant, where the picture bears it out."""
    things = tuple(
        Thing(
            cast[k].name,
            cast[k].material,
            side(truth, k, cast[k].position) if len(seen) <= 2 else "",
        )
        for k in seen
    )
    relation = ""
    if len(seen) == 2:
        a, b = (cast[k].position for k in seen)
        held = {word for first, word, second in related if (first, second) == (seen[0], seen[1])}
        relation = next((word for word, places in DIRECTLY.items() if places == (a, b) and word in held), "")
    return Facts(things, relation, str(factors["world"]), str(factors["light"]))


def write(rows: Sequence[dict[str, Any]], schema: Any, path: Path) -> None:
    """A shard, whole or not at all. The same rows make the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = schema.arrow_schema
    columns = {}
    for name, feature in schema.items():
        values = [one[name] for one in rows]
        columns[name] = _encoded(values, feature, arrow.field(name).type)
    table = pa.table(columns, schema=arrow)
    part = path.with_name(f".{path.name}.tmp")
    with explained(path):
        pq.write_table(table, part, compression="zstd", row_group_size=100, write_statistics=False)
        part.replace(path)


def _encoded(values: list[Any], feature: Any, kind: Any) -> Any:
    import pyarrow as pa

    datasets = library()
    if isinstance(feature, datasets.Image):
        return pa.array([{"bytes": value, "path": None} for value in values], kind)
    if isinstance(feature, datasets.Array3D):
        return pa.ExtensionArray.from_storage(
            kind, pa.array([None if v is None else v.tolist() for v in values], kind.storage_type)
        )
    return pa.array(values, kind)


def _png(pixels: Array) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def _tiff(depth: Array) -> bytes:
    """Float32 as a TIFF, which Pillow and ``datasets`` decode to mode F."""
    stream = io.BytesIO()
    Image.fromarray(depth.astype(np.float32)).save(stream, "TIFF", compression="tiff_adobe_deflate")
    return stream.getvalue()
