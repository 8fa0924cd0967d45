"""Label-free choice of hyper-parameters: RankMe of several encoders on the training images (Garrido et al. 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core import console
from foveate.core.address import brief
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.files import read_json
from foveate.probing.labelled import embedded
from foveate.probing.rankme import LIMITS, MOST, ranks_of
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Column, Section, Table, Text

if TYPE_CHECKING:
    from datasets import Dataset

    from foveate.probing.config import Probe


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One encoder's place.

    Attributes:
        objective: what it was trained by, as its run says; empty where it is no run. short: RankMe less the highest.
    """

    address: str
    tap: str
    width: int
    objective: str
    rank: Estimate
    short: Estimate


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """All encoders, highest RankMe first."""

    config: Probe
    images: int
    unreadable: list[tuple[str, str]]
    places: list[Ranked]

    @property
    def mixed(self) -> str:
        """Why the encoders are not to be compared, in words; empty where nothing speaks against it."""
        methods = sorted({place.objective or "no run" for place in self.places})
        widths = sorted({place.width for place in self.places})
        if len(methods) > 1:
            return f"They are of several methods ({', '.join(methods)})"
        return f"Their widths differ ({', '.join(map(str, widths))})" if len(widths) > 1 else ""


def measure(config: Probe) -> Ranking:
    """Embed the training images with every encoder and rank them.

    Raises:
        FoveateError: one encoder only, or one twice; a tap that gives no single vector.
    """
    from foveate.encoders.load import load
    from foveate.engine.local import resolve_device
    from foveate.probing.taps import probe_taps

    addresses = (config.encoder, *config.others)
    if len(addresses) < 2:
        raise FoveateError(
            "--task rank compares encoders, and there is one.", "add e.g. --others run:runs/b run:runs/c"
        )
    if again := next((each for each in addresses if addresses.count(each) > 1), ""):
        raise FoveateError(f"{again} is named twice.", "name each encoder once")
    if len(config.taps) != 1:
        raise FoveateError(
            f"--task rank reads one tap, not {len(config.taps)}.", "leave --taps out for the pooled output"
        )
    device, images = resolve_device(config.device), _training_images(config)
    read, unreadable, count = [], [], 0
    for address in addresses:
        encoder = load(address, device=device, seed=config.seed, trust_code=config.trust_code)
        (tap,) = probe_taps(encoder, config.taps)
        stored = embedded(config, encoder, images, (tap,), device)
        read.append((address, tap, stored.array(tap)))
        unreadable, count = stored.unreadable, len(stored)
    ranks = ranks_of([features for _, _, features in read], seed=config.seed)
    places = [
        Ranked(address=address, tap=tap, width=features.shape[1], objective=_objective(address), rank=rank, short=short)
        for (address, tap, features), (rank, short) in zip(read, ranks, strict=True)
    ]
    found = Ranking(
        config=config,
        images=min(count, MOST),
        unreadable=unreadable,
        places=sorted(places, key=lambda place: -place.rank.value),
    )
    if found.mixed:
        console.warn(f"{found.mixed}: their RankMe says nothing of which is better")
    return found


def write(found: Ranking) -> Report:
    """The report."""
    config, best = found.config, found.places[0]
    names = _names([place.address for place in found.places])
    report = Report(
        "probe",
        f"RankMe of {len(found.places)} encoders on {brief(config.data)}",
        answer=f"Highest: {names[best.address]}, {interval(best.rank._asdict(), digits=1)} of {best.width} directions."
        + (f" {found.mixed}: the order says nothing of which is better." if found.mixed else ""),
        inputs={
            "encoders": ", ".join(place.address for place in found.places),
            "images": {"address": config.data, "rows": found.images},
        },
        config=config,
    )
    for place in found.places:
        report.metric(f"rankme.rank/{place.address}", place.rank)
    report.headline(f"rankme.rank/{best.address}", f"RankMe of {names[best.address]}", better="")
    for id, reason in found.unreadable:
        report.skip(id, reason)
    report.section(_places(found))
    report.section(_method(found))
    return report


def _names(addresses: Sequence[str]) -> dict[str, str]:
    """A short name for each address: of paths as many last parts as tell them apart, such as of the runs of a sweep."""
    parts = 1
    while True:
        names = {}
        for address in addresses:
            scheme, _, rest = address.partition(":")
            names[address] = brief(address) if parts == 1 else f"{scheme}:{'/'.join(rest.split('/')[-parts:])}"
        if len(set(names.values())) == len(names) or parts > max(address.count("/") for address in addresses):
            return names
        parts += 1


def _places(found: Ranking) -> Section:
    names = _names([place.address for place in found.places])
    chart = charts.intervals(
        [Point.of(names[place.address], place.rank) for place in found.places],
        value="RankMe",
        alt="RankMe of each encoder with its interval over images.",
    )
    rows: list[list[Any]] = [
        [
            place.address,
            place.objective or "not a run",
            place.width,
            _plain(place.rank),
            "" if not index else _plain(place.short),
        ]
        for index, place in enumerate(found.places)
    ]
    table = Table(
        [Column("encoder", "code"), "method", "width", "RankMe", "less the highest"],
        rows,
        caption="Highest first. Differences leave the same images out of both.",
        id="ranking",
    )
    blocks: list[Block] = [chart, table, Text(LIMITS, "note")]
    if found.mixed:
        blocks.insert(0, Text(f"{found.mixed}: the order says nothing of which is better.", "warning"))
    return Section("In order", blocks)


def _plain(estimate: Estimate) -> str:
    return interval(estimate._asdict(), digits=1)


def _method(found: Ranking) -> Section:
    text = (
        f"RankMe (Garrido et al. 2023): exp of the entropy of the shares of the singular values, of features at {found.places[0].tap} of {found.images:,} training "
        f"images (at most {MOST:,}), not centred. From 1 to the width, at most the number of images. No label is read. Intervals are 95 %, by a jackknife over "
        f"tenths of the images: they say nothing of another seed of training. The largest possible here is {number(float(min(found.images, found.places[0].width)))}."
    )
    return Section("How it was measured", [Text(text)])


def _training_images(config: Probe) -> Dataset:
    from foveate.data.columns import has_labels
    from foveate.data.load import load, load_pair

    every = load(config.data)
    return load_pair(config.data, config.test).train if has_labels(every) else every


def _objective(address: str) -> str:
    """What the run behind an address minimised; empty for what is no run."""
    from foveate.encoders.run import epochs

    scheme, _, rest = address.partition(":")
    if scheme != "run":
        return ""
    whole = Path(rest).expanduser()
    folders = epochs(whole if whole.exists() else Path(rest.rpartition("@")[0]).expanduser())
    record: Mapping[str, Any] = read_json(folders[max(folders)] / "encoder.json", what="an encoder's description")
    return str(record.get("objective", ""))
