"""A rendered table in other formats: COCO, WebDataset, and class folders with a CSV of the factors."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from foveate.core.files import explained, write_json
from foveate.rendering.scene import Array

PER_TAR = 1000


def rows(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(split, row) of every shard in order; images stay encoded."""
    import pyarrow.parquet as pq

    for path in sorted(folder.glob("*.parquet"), key=lambda p: (p.name.startswith("test"), p.name)):
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(64):
                yield from ((path.name.partition("-")[0], row) for row in batch.to_pylist())


def coco(source: Path, out: Path) -> None:
    """``images/SPLIT/ID.png`` and ``SPLIT.json``: boxes, run-length masks, captions (COCO's annotation format)."""
    records: dict[str, dict[str, Any]] = {}
    classes: dict[str, int] = {}
    for split, row in rows(source):
        record = records.setdefault(split, {"images": [], "annotations": []})
        _save(out / "images" / split / f"{row['id']}.png", row["image"]["bytes"])
        mask = np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])))
        image = {
            "id": int(row["id"]),
            "file_name": f"images/{split}/{row['id']}.png",
            "width": mask.shape[1],
            "height": mask.shape[0],
        }
        record["images"].append(image)
        for thing in row["objects"]:
            x0, y0, x1, y1 = thing["box"]
            own = mask == thing["mask_id"]
            record["annotations"].append(
                {
                    "id": len(record["annotations"]) + 1,
                    "image_id": image["id"],
                    "category_id": classes.setdefault(thing["label"], len(classes) + 1),
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": int(own.sum()),
                    "iscrowd": 0,
                    "segmentation": {"size": list(own.shape), "counts": run_lengths(own)},
                    "caption": thing["caption"],
                }
            )
    for split, record in records.items():
        record["categories"] = [{"id": number, "name": name} for name, number in classes.items()]
        write_json(out / f"{split}.json", record)


def run_lengths(mask: Array) -> list[int]:
    """COCO's uncompressed run lengths: column by column, beginning with the background's."""
    flat = np.concatenate([[0], mask.T.ravel().astype(np.int8), [0]])
    edges = np.flatnonzero(np.diff(flat))
    lengths = np.diff(np.concatenate([[0], edges, [mask.size]]))
    return [int(n) for n in (lengths if lengths[-1] else lengths[:-1])]


def wds(source: Path, out: Path) -> None:
    """``SPLIT-00000.tar`` of ``ID.png``, ``ID.mask.png``, ``ID.depth.tiff``, ``ID.cls``, ``ID.txt`` and ``ID.json`` (WebDataset)."""
    counts: dict[str, int] = {}
    tar: tarfile.TarFile | None = None
    name = ""
    try:
        for split, row in rows(source):
            shard = f"{split}-{counts.get(split, 0) // PER_TAR:05d}.tar"
            if shard != name:
                if tar is not None:
                    tar.close()
                out.mkdir(parents=True, exist_ok=True)
                name, tar = shard, tarfile.open(out / shard, "w")  # noqa: SIM115  (closed below, or by the next)
            counts[split] = counts.get(split, 0) + 1
            pixels = {key: row.pop(key)["bytes"] for key in ("image", "mask", "depth")}
            row.pop("normal", None)
            row.pop("flow", None)
            members = {
                "png": pixels["image"],
                "mask.png": pixels["mask"],
                "depth.tiff": pixels["depth"],
                "txt": row["caption"].encode(),
                "json": json.dumps(row, sort_keys=True).encode(),
            } | ({"cls": row["label"].encode()} if row["label"] else {})
            assert tar is not None
            for suffix, data in members.items():
                about = tarfile.TarInfo(f"{row['id']}.{suffix}")
                about.size = len(data)
                with explained(out / shard):
                    tar.addfile(about, io.BytesIO(data))
    finally:
        if tar is not None:
            tar.close()


def imagefolder(source: Path, out: Path) -> None:
    """``SPLIT/CLASS/ID.png`` with ``SPLIT/metadata.csv``: file name, caption and every factor, as PUG's tables."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for split, row in rows(source):
        name = f"{row['label'] or 'none'}/{row['id']}.png"
        _save(out / split / name, row["image"]["bytes"])
        tables.setdefault(split, []).append({"file_name": name, "caption": row["caption"], **row["factors"]})
    for split, lines in tables.items():
        path = out / split / "metadata.csv"
        with explained(path), open(path, "w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)


def _save(path: Path, data: bytes) -> None:
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


EXPORTS: dict[str, Callable[[Path, Path], None]] = {"coco": coco, "wds": wds, "imagefolder": imagefolder}
