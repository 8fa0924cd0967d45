"""``foveate embed``: features of a dataset, stored, described and, if asked for, exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.run import Run
from foveate.core.stats import jackknife
from foveate.engine.local import resolve_device
from foveate.features import export
from foveate.features.config import Embed
from foveate.features.embed import embed
from foveate.features.features import Features
from foveate.measures.spectrum import feature_std, rankme
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Section, Table, Text

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

_SAMPLE, _SAMPLE_BYTES = 2048, 1 << 27  # images that statistics are computed on
_COLLAPSED = 0.05  # a feature_std below which all images look alike; 1 is an even spread


def run(config: Embed) -> Report:
    """Embed a dataset.

    Returns:
        A report with ``features.std@TAP``, and a table of shapes, RankMe and where the features lie.

    Raises:
        FoveateError: an address, tap, device or export that does not hold: all checked before any image is read; too many
            unreadable images, features that are not finite, or a full disk.
    """
    from foveate.data.load import load, stream
    from foveate.encoders.load import load as load_encoder

    with Run(config.out, "embed", config, resume=config.resume) as run:
        target = export.check(config.export, overwrite=config.resume) if config.export else None
        if not 0 <= config.max_unreadable <= 1:
            raise FoveateError(f"--max-unreadable {config.max_unreadable}.", "give a share between 0 and 1")
        if config.threads is not None and config.threads < 1:
            raise FoveateError(f"--threads {config.threads}.", "give 1 or more")
        device = resolve_device(config.device)
        encoder = load_encoder(
            config.encoder, device=device, seed=config.seed, trust_code=config.trust_code, image_size=config.image_size
        )
        for tap in config.taps:
            encoder.check(tap)
        features = embed(
            encoder,
            stream(config.data) if config.stream else load(config.data),
            config.taps,
            batch_size=config.batch_size,
            engine=config.engine,
            precision=config.precision,
            threads=config.threads,
            max_unreadable=config.max_unreadable,
        )
        if target is not None:
            export.export(features, target)
        report = _report(config, encoder, features)
        run.log(
            "embedded", rows=len(features), computed=features.computed, reused=features.reused, seconds=features.seconds
        )
        report.save(run)
    return report


def _report(config: Embed, encoder: Encoder, features: Features) -> Report:
    report = Report("embed", f"{config.encoder} on {config.data}")
    about = {key: value for key, value in encoder.describe().items() if key in {"fingerprint", "parameters", "width"}}
    report.inputs = {
        "encoder": {"address": config.encoder, **about},
        "data": {"address": config.data, "rows": len(features)},
    }
    rate = features.computed / max(features.seconds, 1e-9)
    report.answer = (
        f"{len(features):,} images at {', '.join(features.taps)}: {features.computed:,} computed"
        + (f" ({rate:,.0f} images/s)" if features.computed else "")
        + f", {features.reused:,} reused, in {features.seconds:.1f} s."
    )
    rows, alike = [], []
    for tap in features.taps:
        spread, rank = _statistics(features, tap)
        report.metric(f"features.std@{tap}", spread)
        if np.isfinite(spread.value) and spread.value < _COLLAPSED:
            alike.append(tap)
        shape = features.shape(tap)
        rows.append(
            [tap, " × ".join(map(str, shape)), 4 * int(np.prod(shape)) / 1e6, spread, rank, str(features.folder(tap))]
        )
    columns = [
        Column("tap"),
        Column("shape"),
        Column("MB", digits=1),
        Column("std", note="of single features on rows scaled to length √d: 1 is an even spread, 0 is collapse"),
        Column("RankMe", digits=1, note="directions in use, of at most the smaller of images and width"),
        Column("folder", kind="code"),
    ]
    caption = f"Features by tap; std and RankMe on at most {_SAMPLE:,} evenly spaced images."
    notes = [
        Text(f"All images look nearly alike at {tap}: the features have collapsed there.", tone="warning")
        for tap in alike
    ]
    report.section(Section("Features", [*notes, Table(columns, rows, caption, id="features")], lead=report.answer))
    for name, reason in features.unreadable:
        report.skip(name, reason)
    return report


def _statistics(features: Features, tap: str) -> tuple[Estimate, float]:
    """Spread with a jackknife interval, and RankMe, on evenly spaced rows. Tokens are read as their mean."""
    count = min(len(features), _SAMPLE, max(64, _SAMPLE_BYTES // (4 * int(np.prod(features.shape(tap)[1:])))))
    chosen = np.linspace(0, len(features) - 1, count).round().astype(np.int64)
    some = features.take(tap, chosen)
    flat = some if some.ndim == 2 else some.reshape(count, -1, some.shape[-1]).mean(axis=1)
    return jackknife(lambda index: feature_std(flat[index]), count, groups=10), rankme(flat)
