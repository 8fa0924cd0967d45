"""Pack a run of ``foveate render tabletop`` into the files that are shipped: ``python -m foveate.rendering.tabletop.pack RUN``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np

from foveate.data.columns import shuffle_order
from foveate.data.library import library
from foveate.rendering.tabletop import SPLITS

LEFT_OUT = ("depth", "camera", "varied", "stages")
TEST_SHARE = 5


def pack(run: Path, out: Path) -> None:
    """The shipped files from a rendered run."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    datasets = library()
    table = pa.concat_tables([pq.read_table(path) for path in sorted(run.glob("*.parquet"))])
    labels = table["label"].to_pylist()
    names = sorted(set(labels))
    rank = np.argsort(shuffle_order(table["id"].to_pylist()))
    order = np.lexsort((rank, labels))  # class by class, so that every class has its fifth in the test
    features = datasets.Features.from_arrow_schema(table.schema)
    kept = {name: feature for name, feature in features.items() if name not in LEFT_OUT}
    for name in ("outline", "pose", "bounds"):
        kept["objects"].feature.pop(name)
    kept["label"] = datasets.ClassLabel(names=names)
    schema = datasets.Features(kept).arrow_schema
    for split in SPLITS:
        rows = sorted(int(row) for k, row in enumerate(order) if (k % TEST_SHARE == 0) == (split == "test"))
        chosen = [_small(row, names) for row in table.take(rows).to_pylist()]
        columns = {name: pa.array([row[name] for row in chosen], schema.field(name).type) for name in kept}
        pq.write_table(
            pa.table(columns, schema=schema), out / f"{split}.parquet", compression="zstd", compression_level=19
        )


def _small(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The row with its picture as lossless WebP, and its objects without their geometry."""
    from PIL import Image

    stream = io.BytesIO()
    Image.open(io.BytesIO(row["image"]["bytes"])).save(stream, "WEBP", lossless=True, method=6, exact=True)
    kept = [{k: v for k, v in one.items() if k not in ("outline", "pose", "bounds")} for one in row["objects"]]
    return row | {
        "label": names.index(row["label"]),
        "image": {"bytes": stream.getvalue(), "path": None},
        "objects": kept,
    }


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(__file__).parent)
