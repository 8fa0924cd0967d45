"""``foveate pretrain``: train an encoder, watch it, and say what came of it."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.files import read_json, write_json
from foveate.core.run import Run
from foveate.core.seeds import derive, torch_stream
from foveate.data.views import View
from foveate.encoders.encoder import Encoder
from foveate.encoders.load import load as load_encoder
from foveate.engine.distributed import Ranks, join, synchronise_batch_norm
from foveate.engine.local import bf16_wins, resolve_device
from foveate.pretraining import knobs
from foveate.pretraining.config import Pretrain
from foveate.pretraining.evaluate import evaluate
from foveate.pretraining.export import export
from foveate.pretraining.material import Material, Prepare, gather_material
from foveate.pretraining.monitors import Monitors, Surrogates
from foveate.pretraining.objective import Objective, Setting
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.report import Story, tell
from foveate.pretraining.settings import batch_for, resolve, warmup_steps
from foveate.reporting.record import Report
from foveate.training.checkpoints import Checkpoints
from foveate.training.feed import ViewFeed
from foveate.training.journal import Journal
from foveate.training.loop import Loop, Outcome, Plan
from foveate.training.optim import scaled_rate
from foveate.web.server import needed


def run(config: Pretrain) -> Report:
    """Pretrain, or go on with a run; returns the report, which the run's folder holds too.

    Raises:
        FoveateError: settings, data and encoder that do not fit; a loss that is not finite.
        Stopped: Ctrl-C or SIGTERM; everything is saved.
    """
    settings = resolve(config)
    if config.watch:
        needed("watch")
    with join(config.engine, resolve_device(config.device)) as ranks:
        if not ranks.first:
            return _Pretraining(settings, ranks, None, _shared_folder(None, ranks)).run()
        kept = dataclasses.replace(settings, resume=False)
        with Run(config.out, "pretrain", kept, resume=config.resume, free={"watch", "port"}) as run:
            folder = _shared_folder(run.folder, ranks)
            if run.resumed and (folder / "report.json").exists() and ranks.world == 1:
                console.say(f"the run in {folder} is finished already")
                return Report.read(folder)
            return _Pretraining(settings, ranks, run, folder).run()


def _shared_folder(folder: Path | None, ranks: Ranks) -> Path:
    """The run's folder, which the first process knows."""
    if ranks.world > 1:
        box: list[Any] = [str(folder)]
        dist.broadcast_object_list(box, src=0)
        folder = Path(box[0])
    assert folder is not None
    return folder


@dataclass(frozen=True)
class Built:
    """Everything that the loop is given, ready on its device."""

    encoder: Encoder
    objective: Objective
    views: Sequence[View]
    material: Material
    feed: ViewFeed
    plan: Plan


class _Pretraining:
    def __init__(self, settings: Pretrain, ranks: Ranks, run: Run | None, folder: Path) -> None:
        self.settings, self.ranks, self.run_, self.folder = settings, ranks, run, folder
        assert ranks.device is not None
        self.device = ranks.device
        self.bf16 = settings.precision == "bf16" or (settings.precision == "auto" and bf16_wins(self.device))

    def run(self) -> Report:
        built = self._build()
        with self._shown(built):
            outcome = self._fit(built)
        story = Story(
            settings=self.settings,
            folder=self.folder,
            objective=built.objective,
            views=built.views,
            material=built.material,
            plan=built.plan,
            batch=built.feed.batch,
            outcome=outcome,
            bf16=self.bf16,
            device=str(self.device),
            log=self.run_.read_log() if self.run_ is not None else [],
            evaluated=self._evaluate(built.material) if self.run_ is not None else None,
        )
        report = tell(story)
        if self.run_ is not None:
            report.save(self.run_)
        return report

    def _build(self) -> Built:
        s, ranks = self.settings, self.ranks
        assert s.objective is not None
        assert s.encoder is not None
        assert s.epochs is not None
        assert s.lr is not None
        assert s.lr_rule is not None
        assert s.optimizer is not None
        assert s.weight_decay is not None
        kind: type[Objective] = OBJECTIVES.load(s.objective)
        told = knobs.read(s.set, kind.Config, objective=s.objective)
        knob_values = kind.Config(**told.own)  # before the data is read: what is misspelt is said at once
        encoder = load_encoder(s.encoder, device=self.device, seed=s.seed, image_size=s.image_size)
        size = _square(encoder)
        material = gather_material(s.data, s.test, image_size=size, canvas=s.canvas)
        batch = batch_for(s, len(material.train), ranks.world)
        setting = Setting(
            image_size=size,
            images=len(material.train),
            batch=batch,
            steps=s.epochs * (len(material.train) // batch),
            classes=len(material.classes) or None,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(s.seed, "objective", s.objective))
            objective = kind(knob_values, encoder, setting)
        views = knobs.changed(objective.views(), told.views)
        channels_last = self._channels_last_wins(objective)
        objective.to(self.device)
        if channels_last:
            objective.to(memory_format=torch.channels_last)
        if ranks.world > 1 and s.sync_bn:
            synchronise_batch_norm(objective)
        feed = ViewFeed(
            material.pixels,
            material.sizes,
            material.labels,
            views,
            among=material.train,
            batch=batch,
            seed=s.seed,
            ranks=ranks,
            mean=encoder.preprocess.mean,
            std=encoder.preprocess.std,
            channels_last=channels_last,
            ahead=self.device.type != "cpu",
        )
        plan = Plan(
            epochs=s.epochs,
            rate=scaled_rate(s.lr, batch, s.lr_rule),
            warmup=warmup_steps(s, feed.steps),
            optimizer=s.optimizer,
            weight_decay=s.weight_decay,
            clip=s.clip,
            micro_batch=s.micro_batch,
            bf16=self.bf16,
            parallel=s.parallel,
            minutes=s.checkpoint_minutes,
            resume_with=f"the same command and --out {shlex.quote(str(self.folder))} --resume",
        )
        return Built(encoder, objective, views, material, feed, plan)

    def _shown(self, built: Built) -> AbstractContextManager[Any]:
        """The page of the run, where it was asked for; one process serves it."""
        if not self.settings.watch or self.run_ is None:
            return nullcontext()
        from foveate.pretraining.live.serve import serving

        return serving(self.folder, self.settings, built.material, built.views)

    def _channels_last_wins(self, objective: Objective) -> bool:
        """For convolutional nets; FSDP2 cuts only weights whose memory runs in the order of their axes."""
        sharded = self.ranks.world > 1 and self.settings.parallel == "fsdp"
        convolutions = sum(isinstance(module, nn.Conv2d) for module in objective.modules())
        return convolutions > 1 and self.device.type != "mps" and not sharded

    def _fit(self, built: Built) -> Outcome:
        s, material, objective = self.settings, built.material, built.objective
        assert s.objective is not None
        assert s.epochs is not None
        self._record_rows(material)
        prepare = Prepare(
            built.encoder.preprocess, objective.setting.image_size, channels_last=built.feed.channels_last
        )
        monitors = Monitors(
            objective,
            objective,
            base=material.sample(material.base),
            held_out=material.sample(material.held_out),
            prepare=prepare,
            width=built.encoder.width,
            classes=len(material.classes) or None,
            trained=built.feed.steps * built.feed.batch * len(built.views) // self.ranks.world,
            epochs=s.epochs,
            device=self.device,
            bf16=self.bf16,
            surrogates=self._surrogates(built),
            layers=self._layers(built.encoder),
            speak=self.ranks.first,
        )
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
            ).run()
        finally:
            journal.close()

    def _surrogates(self, built: Built) -> Surrogates | None:
        """Some training images, in an order of chance, and the first view of them: a quarter of the monitors' work."""
        material, count = built.material, 8
        base = material.base[
            torch.randperm(len(material.base), generator=torch_stream(self.settings.seed, "surrogates"))
        ]
        rows = base[: max(32, min(128, len(base) // (4 * count)))]
        if len(rows) < 32:
            return None
        normal = built.encoder.preprocess
        return Surrogates(
            sample=material.sample(rows),
            sizes=material.sizes[rows],
            view=built.views[0],
            count=count,
            seed=self.settings.seed,
            mean=normal.mean,
            std=normal.std,
        )

    def _layers(self, encoder: Encoder) -> Callable[[Tensor], Mapping[str, Tensor]] | None:
        """The outputs of a network's blocks, or of its stages where it has those; None where its weights are in shards."""
        if self.ranks.world > 1:
            return None
        found = {kind: [t for t in encoder.taps() if re.fullmatch(rf"{kind}\.\d+", t)] for kind in ("stages", "blocks")}
        taps = found["stages"] or found["blocks"]
        return (lambda images: encoder(images, taps)) if taps else None

    def _record_rows(self, material: Material) -> None:
        """Which images the encoder is not trained on, for whoever asks later what it has seen.

        Raises:
            FoveateError: the run goes on from a checkpoint, and its images are no longer those it began with.
        """
        if self.run_ is None:
            return
        file = self.folder / "rows.json"
        record: dict[str, Any] = {
            "data": self.settings.data,
            "folder": str(Path.cwd()),
            "encoder": self.settings.encoder,
        }
        record |= {"trained": len(material.train), "left": material.left}
        record |= {"test": material.how, "fingerprint": material.fingerprint()}
        if file.exists() and Checkpoints(self.folder / "checkpoints").latest() is not None:
            before = read_json(file, what="a run's rows")
            if not isinstance(before, dict) or before.get("fingerprint") != record["fingerprint"]:
                raise FoveateError(
                    f"the images of {self.settings.data} have changed since this run was interrupted.",
                    "bring them back, or begin anew with another --out",
                )
        write_json(file, record)

    def _evaluate(self, material: Material) -> Any:
        if material.test is None or len(material.classes) < 2:
            return None
        encoder = load_encoder(f"run:{self.folder}", device=self.device)
        twin = encoder.untrained(self.settings.seed)
        return evaluate(encoder, twin, material.dataset, material.test, len(material.classes), device=self.device)


def _square(encoder: Encoder) -> int:
    height, width = encoder.preprocess.size
    if height != width:
        raise FoveateError(
            f"{encoder.address} takes images of {height} × {width}; views are square.",
            f"give --image-size {min(height, width)}",
        )
    return int(height)
