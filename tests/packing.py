"""Data sets written in other formats, for tests that a format changes nothing."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from datasets import Dataset

from foveate.data.columns import labels


def pack(path: Path, data: Dataset) -> None:
    """A dataset as a WebDataset tar that carries its ids."""
    table, names = data.with_format("arrow")[:], labels(data)[1]
    with tarfile.open(path, "w") as archive:
        for row, (key, label) in enumerate(zip(table["id"].to_pylist(), table["label"].to_pylist(), strict=True)):
            image = Path(table["image"][row].as_py()["path"])
            record = json.dumps({"id": key}).encode()
            members = {image.suffix[1:]: image.read_bytes(), "cls": names[label].encode(), "json": record}
            for kind, content in members.items():
                info = tarfile.TarInfo(f"{row:05d}.{kind}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
