"""The whole exam: embed once, then read, move, add up, hold out, and ask the classifier's own head."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foveate.core import clusters, console
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.seeds import derive
from foveate.features.pixels import colours, small
from foveate.measures.additivity import Additivity
from foveate.probing.config import Probe
from foveate.probing.factors import columns, geometry, head, heldout, reading, table
from foveate.probing.factors.geometry import Moved
from foveate.probing.factors.head import Head
from foveate.probing.factors.heldout import HeldOut
from foveate.probing.factors.reading import Decoded
from foveate.probing.factors.table import Table
from foveate.probing.readouts import Answers
from foveate.probing.taps import probe_taps

if TYPE_CHECKING:
    import torch
    from datasets import Dataset

    from foveate.encoders.encoder import Encoder
    from foveate.features.features import Features as Stored


@dataclass(kw_only=True)
class Examined:
    """All that one exam found; the page and the metrics are made from it alone.

    Attributes:
        table: the rows. ids: theirs. tap: where features are read. sources: ``trained`` and the controls that were measured.
        label: source → the linear classifier's answers on the test rows. decoded, moved: factor → what was found.
        additive: source → variance explained. held_out, head: where they could be measured.
        head_untrained: top-1 of the untrained twin's own head.
        skipped: (what, why).
    """

    config: Probe
    encoder: Encoder
    table: Table
    ids: list[str]
    tap: str
    sources: tuple[str, ...]
    label: Mapping[str, Answers]
    additive: Mapping[str, Additivity]
    decoded: dict[str, Decoded] = field(default_factory=dict)
    moved: dict[str, Moved] = field(default_factory=dict)
    held_out: HeldOut | None = None
    head: Head | None = None
    head_untrained: Estimate | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def chance(self) -> float:
        """The share of the test rows' most frequent label."""
        labels = self.table.labels[self.table.test]
        return float(np.bincount(labels).max() / len(labels))


def measure(config: Probe) -> Examined:
    """The measurements, without a page.

    Raises:
        FoveateError: no labels or factors, nothing that varies, a factor to hold out that does not serve, several taps.
    """
    from foveate.encoders.load import load as load_encoder
    from foveate.engine.local import resolve_device

    device = resolve_device(config.device)
    encoder = load_encoder(config.encoder, device=device, seed=config.seed, trust_code=config.trust_code)
    taps = probe_taps(encoder, config.taps)
    if len(taps) != 1:
        raise FoveateError(
            f"--task factors reads one tap, not {len(taps)}.", f"give one, e.g. --taps {(*taps, 'pooled')[0]}"
        )
    dataset = table.load(config)
    rows = table.build(dataset, config)
    held, reason = heldout.choose(rows, config.held_out)
    classes = _classes(dataset)
    wanted = (*taps, "logits") if classes is not None and "logits" in encoder.taps() else taps
    stored = _embed(config, encoder, dataset, wanted, device)
    if len(stored) < len(dataset):  # the rows that cannot be read are no part of the exam
        dataset = dataset.select(stored.rows)
        rows = table.build(dataset, config)
        classes = _classes(dataset)
        held, reason = heldout.choose(rows, config.held_out)
    features = {"trained": stored.array(taps[0])}
    twin = None
    if config.controls:
        twin = _embed(config, _untrained(config, encoder), dataset, _of_twin(wanted), device)
        features |= {
            "untrained": twin.array(_of_twin(taps)[0]),
            "pixels": colours(small(dataset, np.arange(len(rows)))),
        }
    console.say(
        f"probe: {int(rows.train.sum()):,} training and {int(rows.test.sum()):,} test rows, {len(rows.factors)} factors"
    )
    started = time.monotonic()
    found = Examined(
        config=config,
        encoder=encoder,
        table=rows,
        ids=stored.ids,
        tap=taps[0],
        sources=tuple(features),
        label=reading.read_label(features, rows, seed=config.seed),
        additive=geometry.add_up(features, rows, seed=config.seed),
        skipped=[*stored.unreadable, *((f"factor {name}", why) for name, why in rows.left_out)],
    )
    _factor_by_factor(found, features)
    if held is not None:
        found.held_out = heldout.measure(features, rows, held, seed=config.seed)
        reason = f"too few rows of {held.name} once twins are parted"
    if found.held_out is None:
        found.skipped.append(("held-out values", reason))
    _ask_head(found, stored, twin, classes, wanted)
    console.say(f"probe: examined in {time.monotonic() - started:,.0f} s")
    return found


def _factor_by_factor(found: Examined, features: Mapping[str, Float[np.ndarray, "n d"]]) -> None:
    inputs = geometry.axes(features)
    with console.progress("examining", len(found.table.factors), "factors") as display:
        for name, factor in found.table.factors.items():
            decoded = reading.decode(features, factor, found.table, seed=found.config.seed)
            moved = geometry.move(features, factor, found.table, inputs=inputs, seed=found.config.seed)
            if decoded is None:
                found.skipped.append(
                    (f"decoding {name}", f"fewer than {reading.FEWEST} training or test rows, or one value")
                )
            else:
                found.decoded[name] = decoded
            if moved is None:
                found.skipped.append(
                    (f"pairs of {name}", "no pictures differ in it alone (--ignore what follows from it)")
                )
            else:
                found.moved[name] = moved
            display.advance()


def _ask_head(
    found: Examined, stored: Stored, twin: Stored | None, classes: list[list[int]] | None, wanted: tuple[str, ...]
) -> None:
    """The classifier's own answers, where it has ImageNet's classes and the table says which are right."""
    if classes is None or "logits" not in wanted or stored.shape("logits")[1] != head.CLASSES:
        if classes is not None:
            found.skipped.append(("ImageNet classes", f"the encoder has no tap logits of {head.CLASSES} outputs"))
        return
    assets = columns.field(found.table.dataset, "asset")
    found.head = head.measure(stored.array("logits"), classes, found.table, assets)
    if found.head is None:
        found.skipped.append(("ImageNet classes", "no row of a default view has a class of ImageNet"))
        return
    for asset in found.head.floor:
        found.skipped.append((f"asset {asset}", "floor effect: named in fewer than half of its default views"))
    if twin is not None:
        answers = twin.array("logits").argmax(axis=1).tolist()
        right = np.array([answer in own for answer, own in zip(answers, classes, strict=True)])
        listed = found.head.listed
        found.head_untrained = clusters.share(right[listed], found.table.units[listed])


def _classes(dataset: Dataset) -> list[list[int]] | None:
    """The ImageNet classes of each row, where the table has them."""
    if "imagenet" not in dataset.column_names:
        return None
    return [
        list(own or ()) for own in dataset.with_format("arrow").select_columns("imagenet")[:]["imagenet"].to_pylist()
    ]


def _untrained(config: Probe, encoder: Encoder) -> Encoder:
    """Its twin with fresh weights: the one that the task ``classify`` draws."""
    return encoder.untrained(derive(config.seed, "probe", "untrained") % 2**31)


def _of_twin(taps: tuple[str, ...]) -> tuple[str, ...]:
    """A twin has no projector: its pooled output stands for it."""
    return tuple(dict.fromkeys("pooled" if tap.startswith("projector") else tap for tap in taps))


def _embed(config: Probe, encoder: Encoder, part: Dataset, taps: tuple[str, ...], device: torch.device) -> Stored:
    from foveate.features.embed import embed

    return embed(encoder, part, taps, device=device, batch_size=config.batch_size, engine=config.engine)
