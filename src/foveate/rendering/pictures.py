"""Pictures of a design: each is rendered, looked at, and drawn again where it is no good; many at once, in any order."""

from __future__ import annotations

import os
import queue
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foveate.core.cores import usable_cores
from foveate.core.files import read_json, write_json
from foveate.core.seeds import derive, numpy_stream
from foveate.rendering import truth
from foveate.rendering.client import Studio, WorkerFailed, WorkerLost
from foveate.rendering.designs import NUISANCE, Design, Planned
from foveate.rendering.factors import Value
from foveate.rendering.palette import Palette, build_all
from foveate.rendering.shots import Actor, cast, shot

ATTEMPTS = 4
MEMORY = 1.2e9  # bytes that a worker takes, with a large world


@dataclass(frozen=True)
class Taken:
    """What became of a planned picture.

    Attributes:
        path: the worker's file, or None where no attempt was good enough; then ``why`` says it.
        factors: those of the last attempt. seed: from which its cast was drawn.
        faults: why earlier attempts were drawn again. seconds, cpu: of the worker, all attempts; rendered: of them in Cycles, wall clock.
    """

    planned: Planned
    path: Path | None
    factors: dict[str, Value]
    seed: int
    why: str = ""
    faults: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0
    rendered: float = 0.0

    def cast(self, palette: Palette) -> list[Actor]:
        """Who is in the picture, as its shot was made of."""
        return cast(self.factors, self.seed, palette)


def attempt(planned: Planned, number: int) -> tuple[dict[str, Value], int]:
    """Factors and seed of one attempt: after the first, what the design leaves open is drawn anew."""
    if not number:
        return planned.factors, planned.seed
    seed = derive(planned.seed, "attempt", number)
    draw = numpy_stream(seed, "nuisance")
    return planned.factors | {name: int(draw.integers(NUISANCE[name])) for name in planned.free}, seed


def take(
    planned: Planned, design: Design, palette: Palette, studio: Studio, folder: Path, *, last: bool = False
) -> Taken:
    """Render one picture, at most ``ATTEMPTS`` times. What comes out depends on the plan alone, not on what was rendered before.

    Raises:
        WorkerLost: it was closed; or, unless this is the ``last`` try, the picture has ended it twice: memory may be short.
    """
    if known := _known(planned, folder):
        return known
    passes = ["normal"] if design.normal else []
    faults: list[str] = []
    spent = {"seconds": 0.0, "cpu": 0.0, "rendered": 0.0}
    path = folder / f"{planned.index:07d}.npz"
    number = 0
    for number in range(ATTEMPTS):
        factors, seed = attempt(planned, number)
        asked = shot(factors, seed, palette, px=design.size, samples=design.samples, passes=passes)
        try:
            answer = studio.render(asked, path)
        except (WorkerLost, WorkerFailed) as error:
            if studio.closed or (isinstance(error, WorkerLost) and not last):
                raise  # the picture is still to be taken
            return _settled(planned, folder, {"attempt": number, "why": str(error), "faults": faults, **spent})
        for key in spent:
            spent[key] += answer[key]
        fault = truth.fault(truth.read(path), design.visible, factors)
        if fault is None:
            return _settled(planned, folder, {"attempt": number, "why": "", "faults": faults, **spent})
        faults.append(fault)
        path.unlink(missing_ok=True)
        if not planned.free and not int(factors["count"]):
            break  # nothing is left open that could be drawn anew
    return _settled(planned, folder, {"attempt": number, "why": faults[-1], "faults": faults, **spent})


def _settled(planned: Planned, folder: Path, outcome: dict[str, Any]) -> Taken:
    """Note beside the picture what became of it: from then on it is done, also after a kill."""
    write_json(folder / f"{planned.index:07d}.json", outcome)
    known = _known(planned, folder)
    assert known is not None
    return known


def _known(planned: Planned, folder: Path) -> Taken | None:
    """What became of a picture that was rendered before."""
    note = folder / f"{planned.index:07d}.json"
    if not note.exists():
        return None
    outcome = read_json(note, what="a note on a rendered picture")
    if not (isinstance(outcome, dict) and "attempt" in outcome and _whole(note, outcome)):
        note.unlink()
        return None
    factors, seed = attempt(planned, outcome["attempt"])
    path = None if outcome["why"] else note.with_suffix(".npz")
    spent = {key: outcome[key] for key in ("seconds", "cpu", "rendered")}
    return Taken(planned, path, factors, seed, outcome["why"], tuple(outcome["faults"]), **spent)


def _whole(note: Path, outcome: dict[str, Any]) -> bool:
    """Whether the picture that a note tells of is there to its end, as after a crash of the machine it may not be."""
    if outcome.get("why"):
        return True
    path = note.with_suffix(".npz")
    return path.exists() and zipfile.is_zipfile(path)


def take_all(
    plan: Sequence[Planned], design: Design, palette: Palette, studios: Sequence[Studio], folder: Path
) -> Iterator[Taken]:
    """Render many, one thread per worker; they come as they are done.

    Pictures of one world are rendered after each other: it takes longer to build than a small picture. Those that ended
    their worker are taken once more when all others are done, by one worker alone, which then has the memory for itself.
    """
    build_all((one for planned in plan for one in _made_of(planned, palette)), len(studios))
    todo = sorted(plan, key=lambda p: (str(p.factors["world"]), int(p.factors["scene"]), p.index))
    groups = _dealt(todo, len(studios))
    done: queue.Queue[Taken | Planned | BaseException | None] = queue.Queue()
    given = (design, palette)
    stop = threading.Event()
    threads = [
        threading.Thread(target=_work, args=(groups, take, (*given, studio, folder), done, stop), daemon=True)
        for studio in studios
    ]
    for thread in threads:
        thread.start()
    running = len(threads)
    heavy: list[Planned] = []
    try:
        while running:
            found = done.get()
            if found is None:
                running -= 1
            elif isinstance(found, BaseException):
                raise found
            elif isinstance(found, Planned):
                heavy.append(found)
            else:
                yield found
        for studio in studios[1:]:
            studio.close()
        for planned in heavy:
            yield take(planned, *given, studios[0], folder, last=True)
    finally:
        stop.set()
        for studio in studios:
            studio.close()


def _made_of(planned: Planned, palette: Palette) -> Iterator[tuple[str, str, int]]:
    """What of ours a picture needs at its first attempt."""
    if (world := str(planned.factors["world"])) not in palette.own_worlds:
        yield "world", world, int(planned.factors["scene"])
    for actor in cast(planned.factors, planned.seed, palette):
        if actor.name not in palette.own_objects:
            yield "object", actor.name, actor.asset


def _work(
    groups: queue.SimpleQueue[list[Planned]],
    take: Callable[..., Taken],
    given: tuple[Any, ...],
    done: queue.Queue[Any],
    stop: threading.Event,
) -> None:
    try:
        while not stop.is_set():
            try:
                group = groups.get_nowait()
            except queue.Empty:
                break
            for planned in group:
                if stop.is_set():
                    return
                try:
                    done.put(take(planned, *given))
                except WorkerLost:
                    if stop.is_set():
                        return
                    done.put(planned)
    except BaseException as error:
        if not stop.is_set():
            done.put(error)
    finally:
        done.put(None)


def _dealt(todo: Sequence[Planned], workers: int) -> queue.SimpleQueue[list[Planned]]:
    """Runs of pictures of one world, short enough that all workers end at about the same time."""
    groups: queue.SimpleQueue[list[Planned]] = queue.SimpleQueue()
    longest = max(1, min(64, len(todo) // (4 * workers) or 1))
    run: list[Planned] = []
    for planned in todo:
        same = run and (run[-1].factors["world"], run[-1].factors["scene"]) == (
            planned.factors["world"],
            planned.factors["scene"],
        )
        if run and (not same or len(run) >= longest):
            groups.put(run)
            run = []
        run.append(planned)
    if run:
        groups.put(run)
    return groups


def default_workers(pictures: int) -> int:
    """One per core that this process may use, at most one per 1.2 GB of free memory and per four pictures."""
    cores = usable_cores()
    try:
        room = int(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MEMORY)
    except (ValueError, OSError):
        room = cores
    return max(1, min(cores, room, -(-pictures // 4)))
