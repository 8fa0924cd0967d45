"""``foveate pretrain``: train an encoder, watch it, and say what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch.distributed as dist

from foveate.core import console
from foveate.core.errors import FoveateError, is_out_of_memory
from foveate.core.run import Run
from foveate.encoders.load import load as load_encoder
from foveate.engine.distributed import Ranks, join
from foveate.engine.local import resolve_device
from foveate.pretraining.auto import choose
from foveate.pretraining.budget import few_steps
from foveate.pretraining.build import Built, build
from foveate.pretraining.config import Pretrain
from foveate.pretraining.evaluate import Evaluated, evaluate
from foveate.pretraining.export import export
from foveate.pretraining.harm import listed
from foveate.pretraining.manual import manual
from foveate.pretraining.material import Material, record_rows
from foveate.pretraining.oddities import oddities
from foveate.pretraining.report import Story, tell
from foveate.pretraining.result import repeated
from foveate.pretraining.settings import resolve
from foveate.pretraining.sweep.run import sweep
from foveate.pretraining.watching import monitors_of
from foveate.reporting.record import Report
from foveate.training.checkpoints import Checkpoints
from foveate.training.journal import Journal
from foveate.training.loop import Loop, Outcome
from foveate.web.server import needed

WIDTHS = ("projector", "predictor", "prototypes", "vocabulary", "queue", "decoder_width")
"""Knobs that say how large something is: the first thing to look at where memory runs out."""


def run(config: Pretrain) -> Report:
    """Pretrain, or go on with a run; returns the report, which the run's folder holds too.

    Raises:
        FoveateError: settings, data and encoder that do not fit; a loss that is not finite.
        Stopped: Ctrl-C or SIGTERM; everything is saved.
    """
    if "help" in config.set:
        return manual(config)
    if config.sweep:
        if config.auto:
            config = dataclasses.replace(choose(config)[0], auto=False)
        return sweep(config, lambda each: train(each, tested=False))
    return train(config)


def train(config: Pretrain, *, tested: bool = True) -> Report:
    """One run. ``tested``: whether test rows are read at its end; they are not where the run is part of a choice."""
    reasons: list[tuple[str, str]] = []
    if config.auto:
        config, reasons = choose(config)
    settings = resolve(config)
    if config.watch:
        needed("watch")
    with join(config.engine, resolve_device(config.device)) as ranks:
        if not ranks.first:
            return _Pretraining(settings, ranks, None, _shared_folder(None, ranks), reasons, tested).run()
        kept = dataclasses.replace(settings, resume=False)
        with Run(config.out, "pretrain", kept, resume=config.resume, free={"watch", "port"}) as run:
            folder = _shared_folder(run.folder, ranks)
            if run.resumed and (folder / "report.json").exists() and ranks.world == 1:
                console.say(f"the run in {folder} is finished already")
                return Report.read(folder)
            return _Pretraining(settings, ranks, run, folder, reasons, tested).run()


def _shared_folder(folder: Path | None, ranks: Ranks) -> Path:
    """The run's folder, which the first process knows."""
    if ranks.world > 1:
        box: list[Any] = [str(folder)]
        dist.broadcast_object_list(box, src=0)
        folder = Path(box[0])
    assert folder is not None
    return folder


class _Pretraining:
    def __init__(
        self,
        settings: Pretrain,
        ranks: Ranks,
        run: Run | None,
        folder: Path,
        reasons: Sequence[tuple[str, str]],
        tested: bool,
    ) -> None:
        self.settings, self.ranks, self.run_, self.folder, self.reasons = settings, ranks, run, folder, reasons
        self.tested = tested
        assert ranks.device is not None
        self.device = ranks.device

    def run(self) -> Report:
        try:
            return self._run()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            wide = [each for each in self.settings.set if each.partition("=")[0] in WIDTHS]
            narrower = f"narrower layers than {' '.join(wide)}, " if wide else ""
            raise FoveateError(
                "there is not enough memory for it.",
                f"try {narrower}a smaller --micro-batch (the gradient stays) or --batch, --checkpointing, or a smaller --image-size",
            ) from error

    def _run(self) -> Report:
        built = build(self.settings, self.ranks, self.device, folder=self.folder)
        self.settings = built.settings
        odd = self._warned(built)
        with self._shown(built):
            outcome = self._fit(built)
        story = Story(
            settings=self.settings,
            reasons=self.reasons,
            tested=self.tested,
            folder=self.folder,
            objective=built.objective,
            views=built.views,
            material=built.material,
            odd=odd,
            plan=built.plan,
            batch=built.feed.batch,
            outcome=outcome,
            bf16=built.plan.bf16,
            device=str(self.device),
            log=self.run_.read_log() if self.run_ is not None else [],
            evaluated=self._evaluate(built.material) if self.run_ is not None else None,
        )
        report = tell(story)
        if self.run_ is not None:
            report.save(self.run_)
        return report

    def _warned(self, built: Built) -> list[str]:
        """Say what should be known before time goes into the run; what is odd about the images is given back for the report."""
        if self.run_ is None:
            return []
        s, minutes = self.settings, self.settings.minutes
        if s.out is None:
            console.say(
                f"the run is in {self.folder}; after a kill the same command goes on with --resume --out {self.folder}"
            )
        assert s.epochs is not None
        steps = s.epochs * built.feed.steps
        short = few_steps(steps, epochs=s.epochs, batch=built.feed.batch, minutes=minutes) if self.tested else None
        odd = oddities(built.material, built.views)
        for words in (*odd, *([short] if short else [])):
            console.warn(words)
        if s.auto and (changes := listed(built.views)):
            reason = f"in the views images are {changes}: switch off what your labels need"
            console.say(f"auto: {reason}")
            self.reasons = [*self.reasons, ("", reason)]
        return odd

    def _shown(self, built: Built) -> AbstractContextManager[Any]:
        """The page of the run, where it was asked for; one process serves it."""
        if not self.settings.watch or self.run_ is None:
            return nullcontext()
        from foveate.pretraining.live.serve import serving

        return serving(self.folder, self.settings, built.material, built.views)

    def _fit(self, built: Built) -> Outcome:
        s, objective = self.settings, built.objective
        assert s.objective is not None
        if self.run_ is not None:
            assert s.encoder is not None
            record_rows(self.folder, built.material, data=s.data, encoder=s.encoder)
        monitors = monitors_of(built, self.ranks, self.device)
        journal = Journal(self.run_, s.log_to)
        name = s.objective
        try:
            return Loop(
                objective=objective,
                feed=built.feed,
                plan=built.plan,
                checkpoints=Checkpoints(self.folder / "checkpoints", ranks=self.ranks, keep=s.keep),
                export=lambda epoch: export(objective, built.encoder, name, epoch),
                journal=journal,
                watcher=monitors,
                ranks=self.ranks,
                seed=s.seed,
                rate_factor=built.rate_factor,
            ).run()
        finally:
            journal.close()

    def _evaluate(self, material: Material) -> Evaluated | None:
        if not self.tested or material.test is None or len(material.classes) < 2:
            return None
        encoder = load_encoder(f"run:{self.folder}", device=self.device)
        twin = encoder.untrained(self.settings.seed)
        rows, classes = (material.dataset, material.test), len(material.classes)
        start = load_encoder(f"run:{self.folder}@0", device=self.device) if _goes_on(self.settings) else None
        evaluated = evaluate(encoder, twin, *rows, classes, device=self.device, start=start)
        if evaluated.repeated:
            console.warn(repeated(evaluated))
        return evaluated


def _goes_on(settings: Pretrain) -> bool:
    """Whether the run began with trained weights."""
    assert settings.encoder is not None
    return settings.encoder.partition(":")[0] not in ("foveate", "random")
