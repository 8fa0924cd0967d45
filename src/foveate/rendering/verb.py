"""``foveate render``: pictures of a design, with their truth, in a table."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from foveate.core.console import progress, say, warn
from foveate.core.errors import FoveateError
from foveate.core.files import explained
from foveate.core.run import Run
from foveate.rendering import card, shards
from foveate.rendering import report as pages
from foveate.rendering.client import Studio, WorkerFailed, WorkerLost
from foveate.rendering.config import Render
from foveate.rendering.contact import Contact
from foveate.rendering.designs import Design, Planned, checked, plan, read
from foveate.rendering.export import EXPORTS
from foveate.rendering.palette import Palette
from foveate.rendering.palette import read as read_palette
from foveate.rendering.pictures import Taken, default_workers, take_all
from foveate.reporting.record import Report

FREE = frozenset({"workers", "blender_python", "export"})  # what may differ when a run is gone on with


def run(config: Render) -> Report:
    """Render a design into ``--out``: Parquet shards, a contact sheet and a report.

    Raises:
        FoveateError: a design, factor or file that does not hold, no Blender for this machine; all before anything is rendered. A full disk.
    """
    palette = read_palette(config.objects, config.world, config.materials)
    if config.serve:
        from foveate.rendering.serve import serve

        return serve(config)
    design, planned = _planned(config, palette)
    workers = config.workers or default_workers(len(planned))
    if config.dry_run:
        return pages.dry(config, design, planned, workers)
    if config.device not in ("auto", "cpu"):  # asked for by name: seen to before there is a run
        with Studio(config.blender_python, device=config.device) as studio:
            say(f"Blender renders on {studio.worker.about['device']}")
    skipped: list[tuple[str, str]] = []
    with Run(config.out, "render", config, resume=config.resume, free=FREE) as run:
        if palette.own_objects or palette.own_worlds:
            palette, skipped = _readable(palette, config)
            design, planned = _planned(config, palette)
        _same_plan(run, design, planned, palette)
        sheets = shards.deal(planned, config.shard)
        taken = _render(run, sheets, design, palette, workers, config)
        card.write(run.folder, design, len(planned), config)
        for name in dict.fromkeys(config.export):
            EXPORTS[name](run.folder, run.folder / name)
        report = pages.of(config, design, planned, taken, run.folder)
        report.skipped += skipped
        report.save(run)
        shutil.rmtree(run.folder / "unfinished", ignore_errors=True)
    return report


def _planned(config: Render, palette: Palette) -> tuple[Design, list[Planned]]:
    design = read(config.design, palette)
    for name, value, least, most in (
        ("size", config.size, 16, 4096),
        ("samples", config.samples, 1, 65536),
        ("workers", config.workers, 1, 4096),
        ("shard", config.shard, 1, 1 << 20),
        ("count", config.count, 1, 1 << 40),
    ):
        if value is not None and not least <= value <= most:
            raise FoveateError(f"--{name} {value} is out of reach.", f"give {least:,} to {most:,}")
    design = replace(design, size=config.size or design.size, samples=config.samples or design.samples)
    if not 16 <= design.size <= 4096:
        raise FoveateError(f"{design.name}: size = {design.size} is out of reach.", "give 16 to 4,096 pixels")
    if config.count is not None:
        blocks = design.blocks
        if len(blocks) > 1:
            planned = plan(checked(design, palette), config.seed)
            return design, _thinned(planned, config.count)
        rows = max(1, round(config.count / blocks[0].frames))
        design = replace(design, blocks=(replace(blocks[0], count=rows),))
    return design, plan(checked(design, palette), config.seed)


def _thinned(planned: Sequence[Planned], count: int) -> list[Planned]:
    """About ``count`` pictures, an even part of a design of several blocks; sequences stay whole."""
    whole: dict[int, list[Planned]] = {}
    for one in planned:
        whole.setdefault(one.index if one.sequence < 0 else one.sequence, []).append(one)
    units = list(whole.values())
    keep = max(1, min(len(units), round(count * len(units) / len(planned))))
    return [one for k in range(keep) for one in units[k * len(units) // keep]]


def _readable(palette: Palette, config: Render) -> tuple[Palette, list[tuple[str, str]]]:
    """The palette without the objects that Blender cannot read, which are named and skipped.

    Raises:
        FoveateError: a panorama cannot be read, or no object can.
    """
    good, bad = {}, []
    with Studio(config.blender_python, device=config.device) as studio:
        for name, path in palette.own_objects.items():
            try:
                studio.look(path)
                good[name] = path
            except (WorkerFailed, WorkerLost) as error:
                bad.append((path.name, str(error)))
                warn(f"{path.name} is left out: {error}")
        for path in palette.own_worlds.values():
            try:
                studio.look(path)
            except (WorkerFailed, WorkerLost) as error:
                raise FoveateError(f"--world {path}: {error}.", "mend or replace the file") from None
    if bad and not good:
        raise FoveateError(
            f"none of the {len(bad)} objects of {config.objects} can be read.",
            f"check the files: {bad[0][0]}: {bad[0][1]}",
        )
    return replace(palette, own_objects=good), bad


def _same_plan(run: Run, design: Design, planned: Sequence[Planned], palette: Palette) -> None:
    """A resumed run goes on with the plan that it began with: a design's file, or one of the user's own, may have been edited."""
    looks = [design.size, design.samples, design.visible, design.normal, design.flow]
    text = json.dumps([looks, [[p.index, p.factors, p.seed, p.split] for p in planned]], sort_keys=True)
    seen = hashlib.blake2b(text.encode(), digest_size=12)
    for own in (palette.own_objects, palette.own_worlds, palette.own_materials):
        for name, path in own.items():
            with explained(path), open(path, "rb") as stream:
                seen.update(name.encode() + hashlib.file_digest(stream, "blake2b").digest())
    digest = seen.hexdigest()
    before = next((line["digest"] for line in run.read_log() if line["event"] == "plan"), None)
    if before is None:
        run.log("plan", digest=digest, pictures=len(planned))
    elif before != digest:
        raise FoveateError(
            f"the design, or a file of --objects, --world or --materials, is not the one that {run.folder} was begun with.",
            "restore the files, or choose another --out",
        )


def _render(
    run: Run, sheets: Sequence[shards.Shard], design: Design, palette: Palette, workers: int, config: Render
) -> dict[int, Taken]:
    """Render what is missing, and write each shard as soon as its pictures are there."""
    folder = run.folder / "unfinished"
    with explained(folder / "0"):
        folder.mkdir(exist_ok=True)
    finished = {line["shard"]: line["pictures"] for line in run.read_log() if line["event"] == "shard"}
    taken: dict[int, Taken] = {}
    waiting: dict[str, set[int]] = {}
    home: dict[int, shards.Shard] = {}
    todo: list[Planned] = []
    for sheet in sheets:
        if sheet.name in finished and (not finished[sheet.name] or (run.folder / sheet.name).exists()):
            continue
        waiting[sheet.name] = {one.index for one in sheet.pictures}
        home |= {one.index: sheet for one in sheet.pictures}
        todo += sheet.pictures
    contact = Contact(run.folder / "contact.jpg")
    if todo:
        threads = max(1, (default_workers(10**6) if config.workers is None else workers) // workers)
        studios = [
            Studio(config.blender_python, threads=threads, device=config.device) for _ in range(min(workers, len(todo)))
        ]
        with progress("rendering", len(todo), "pictures") as bar:
            for one in take_all(todo, design, palette, studios, folder):
                taken[one.planned.index] = one
                contact.add(one)
                bar.advance(note="")
                sheet = home[one.planned.index]
                waiting[sheet.name].discard(one.planned.index)
                if not waiting[sheet.name]:
                    _close(run, sheet, taken, design, palette, folder)
    contact.draw()
    return taken


def _close(
    run: Run, sheet: shards.Shard, taken: dict[int, Taken], design: Design, palette: Palette, folder: Path
) -> None:
    rows = shards.write(sheet, taken, design, palette, run.folder)
    own = [taken[one.index] for one in sheet.pictures]
    faults = Counter(fault.split(" covers")[0].split(":")[0] for one in own for fault in one.faults)
    run.log(
        "shard",
        shard=sheet.name,
        pictures=rows,
        again=sum(len(one.faults) - (one.path is None and bool(one.faults)) for one in own),
        faults=dict(faults),
        lost=[[one.planned.index, one.why] for one in own if one.path is None],
        seconds=round(sum(one.seconds for one in own), 3),
        cpu=round(sum(one.cpu for one in own), 3),
        rendered=round(sum(one.rendered for one in own), 3),
    )
    for one in own:
        for suffix in (".npz", ".json"):
            (folder / f"{one.planned.index:07d}{suffix}").unlink(missing_ok=True)
    say(f"{sheet.name}: {rows} pictures")
