"""The measurements of the task ``finetune``: the frozen linear probe, the tuned encoder, and the same training from scratch."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.run import Run
from foveate.probing.labelled import embedded, encoder_of, labelled_pair, rows_of, twin_of
from foveate.probing.readouts import Answers, Rows, TapFeatures, linear

if TYPE_CHECKING:
    import torch

    from foveate.data.load import Pair
    from foveate.data.views import View
    from foveate.features.features import Features
    from foveate.probing.config import Probe
    from foveate.probing.finetune.classifier import Knobs

EPOCHS = 30
_CROP = 0.35  # of the area: crops as mild as fine-tuning uses them


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """All that one fine-tuning found.

    Attributes:
        tuned, scratch: answers on the test rows after the last epoch; scratch None without controls.
        frozen: the linear probe on the encoder as it was given.
        logs: ``tuned`` and ``scratch`` → the epochs' lines of the log. trained, held: images trained on, and for the curve.
    """

    config: Probe
    described: Mapping[str, Any]
    pair: Pair
    rows: Rows
    test: Features
    knobs: Knobs
    view: View
    batch: int
    epochs: int
    trained: int
    held: int
    tuned: Answers
    frozen: Answers
    scratch: Answers | None
    logs: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def chance(self) -> float:
        """The share of the test rows' most frequent class."""
        return float(np.bincount(self.rows.test).max() / len(self.rows.test))


def measure(config: Probe, run: Run) -> Tuned:
    """Train and measure in the run's folder; the scratch control trains in its folder ``scratch``.

    Raises:
        FoveateError: taps, knobs, passes or data that do not fit; as ``fine_tune``.
    """
    from foveate.data.views import View
    from foveate.encoders.folded import refuse_folded
    from foveate.engine.local import resolve_device
    from foveate.pretraining import knobs as reading
    from foveate.pretraining.material import gather_material
    from foveate.pretraining.sizes import square
    from foveate.probing.finetune.classifier import Knobs
    from foveate.probing.finetune.train import Job, fine_tune

    epochs = config.epochs if config.epochs is not None else EPOCHS
    if epochs < 1:
        raise FoveateError(f"--epochs {epochs} is less than 1.", f"leave it out for {EPOCHS}")
    if config.taps != ("pooled",):
        raise FoveateError("--task finetune trains the pooled output.", "leave --taps out")
    told = reading.read(config.set, Knobs, objective="finetune")
    chosen = Knobs(**told.own)
    device = resolve_device(config.device)
    encoder = encoder_of(config, device)
    refuse_folded(encoder)
    size = square(encoder)
    (view,) = reading.changed([View(size=size, scale=(_CROP, 1.0), jitter_p=0.0, grayscale=0.0)], told.views)
    pair = labelled_pair(config)
    train, test = (embedded(config, encoder, part, ("pooled",), device) for part in (pair.train, pair.test))
    rows, _ = rows_of(config, train, test)
    frozen = linear(TapFeatures(train=train.array("pooled"), test=test.array("pooled")), rows)
    material = gather_material(config.data, config.test, image_size=size, canvas=None)
    console.say(
        f"probe: {len(material.train):,} images to train on, {len(material.held_out):,} for the curve, {len(test):,} test rows"
    )
    job = Job(
        data=config.data,
        address=config.encoder,
        material=material,
        knobs=chosen,
        view=view,
        size=size,
        epochs=epochs,
        seed=config.seed,
        device=device,
        resume_with=f"the same command and --out {shlex.quote(str(run.folder))} --resume",
    )
    described, twin = encoder.describe(), twin_of(config, encoder)
    fine_tune(job, encoder, run, layer_decay=chosen.layer_decay)
    logs = {"tuned": run.read_log()}
    tuned, scratch = _answers(config, run, pair, rows, device), None
    if config.controls:
        with Run(run.folder / "scratch", "probe", config, resume=True) as other:
            # Rates that fall with depth protect what was learnt; fresh weights they would only starve.
            fresh = dataclasses.replace(job, address=f"untrained {config.encoder}", label="from scratch")
            fine_tune(fresh, twin, other, layer_decay=1.0)
            logs["scratch"] = other.read_log()
            scratch = _answers(config, other, pair, rows, device)
    return Tuned(
        config=config,
        described=described,
        pair=pair,
        rows=rows,
        test=test,
        knobs=chosen,
        view=view,
        batch=job.batch,
        epochs=epochs,
        trained=len(material.train),
        held=len(material.held_out),
        tuned=tuned,
        frozen=frozen,
        scratch=scratch,
        logs={name: [line for line in log if line.get("event") == "epoch"] for name, log in logs.items()},
    )


def _answers(config: Probe, run: Run, pair: Pair, rows: Rows, device: torch.device) -> Answers:
    """What a finished run says of the test rows: read through ``run:``, as anyone else would."""
    from foveate.encoders.load import load

    scores = embedded(config, load(f"run:{run.folder}", device=device), pair.test, ("projector",), device).array(
        "projector"
    )
    exact = np.exp(scores.astype(np.float64) - scores.max(1, keepdims=True))
    probability, predicted = exact / exact.sum(1, keepdims=True), scores.argmax(1)
    return Answers(predicted=predicted, confidence=probability.max(1), right=predicted == rows.test)
