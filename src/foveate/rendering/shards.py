"""Which pictures make up which Parquet shard, and when a shard is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foveate.rendering import flow, record, truth
from foveate.rendering.designs import Design, Planned
from foveate.rendering.palette import Palette
from foveate.rendering.pictures import Taken


@dataclass(frozen=True)
class Shard:
    """A file of the table and the pictures that go into it."""

    name: str
    pictures: tuple[Planned, ...]


def deal(plan: Sequence[Planned], per_shard: int) -> list[Shard]:
    """The plan in shards, train and test apart; a sequence of frames is never torn."""
    shards = []
    for split in ("train", "test"):
        runs: list[list[Planned]] = []
        for planned in (p for p in plan if p.split == split):
            torn = planned.sequence >= 0 and planned.frame > 0
            if not runs or (len(runs[-1]) >= per_shard and not torn):
                runs.append([])
            runs[-1].append(planned)
        shards += [Shard(f"{split}-{k:05d}-of-{len(runs):05d}.parquet", tuple(run)) for k, run in enumerate(runs)]
    return shards


def write(shard: Shard, taken: Mapping[int, Taken], design: Design, palette: Palette, folder: Path) -> int:
    """Write one shard of pictures that are all done; the number of rows. No file where none was good enough."""
    schema = record.features(design.size, normal=design.normal, flow=design.flow)
    rows: list[dict[str, Any]] = []
    seen: list[tuple[Planned, truth.Truth]] = []
    for planned in shard.pictures:
        one = taken[planned.index]
        if one.path is None:
            continue
        found = truth.read(one.path)
        rows.append(record.row(planned, one.factors, one.cast(palette), found, palette))
        if design.flow:
            seen.append((planned, found))
    if design.flow:
        for k, (planned, found) in enumerate(seen):
            after = seen[k + 1] if k + 1 < len(seen) else None
            follows = (
                after is not None and after[0].sequence == planned.sequence and after[0].frame == planned.frame + 1
            )
            rows[k]["flow"] = flow.forward(found, after[1]) if after and follows else None
    if rows:
        record.write(rows, schema, folder / shard.name)
    return len(rows)
