"""The journey of the README, told in order: two encoders are pretrained on halves of the data, one is probed, both are
compared with their untrained twin, and the first is audited for what it memorised, with the second as reference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from foveate.auditing import verb as auditing
from foveate.auditing.config import Audit
from foveate.comparing import verb as comparing
from foveate.comparing.config import Compare
from foveate.core import console
from foveate.core.run import Run
from foveate.data.load import load
from foveate.pretraining import verb as pretraining
from foveate.pretraining.config import Pretrain
from foveate.probing import verb as probing
from foveate.probing.config import Probe
from foveate.reporting.join import join
from foveate.reporting.record import Report
from foveate.studies.demo_config import Demo

ENCODER = "foveate:resnet9"


def run(config: Demo) -> Report:
    """Run every step that is not done yet and join their reports in ``OUT/report.html``."""
    out = Path(config.out or "runs/demo")
    if (out / "report.json").exists():
        console.say(f"the demo in {out} is finished already; for another one choose --out")
        return Report.read(out)
    with Run(out, "demo", config, resume=True) as run:
        return _journey(config, out, run)


def _journey(config: Demo, out: Path, run: Run) -> Report:
    train, test = f"{config.data}@train", f"{config.data}@test"
    half = len(load(train)) // 2
    mine, others = f"{train}[0:{half}]", f"{train}[{half}:]"
    common: dict[str, Any] = {"seed": config.seed, "device": config.device, "resume": True}

    def step(name: str, verb: Callable[[Any], Report], **settings: Any) -> Report:
        folder = out / name
        console.say(f"── {name}")
        if (folder / "report.json").exists():
            return Report.read(folder)
        kinds: dict[Callable[[Any], Report], Any] = {
            pretraining.run: Pretrain, probing.run: Probe, comparing.run: Compare, auditing.run: Audit,
        }  # fmt: skip
        return verb(kinds[verb](**common, **settings, out=str(folder)))

    recipe: dict[str, Any] = {"objective": "simclr", "encoder": ENCODER, "epochs": config.epochs, "batch": 128}
    trained, reference, untrained = f"run:{out / 'pretrain'}", f"run:{out / 'reference'}", f"random:{ENCODER}"
    reports = [
        step("pretrain", pretraining.run, data=mine, test=test, **recipe),
        step("reference", pretraining.run, data=others, test=test, **recipe),
        step("probe", probing.run, encoder=trained, data=train, test=test, taps=("pooled", "projector")),
        step("compare", comparing.run, encoders=(trained, reference, untrained), data=test),
        step("audit", auditing.run, encoder=trained, reference=reference, members=mine, public=test, tap="projector"),
    ]
    report = join(reports, verb="demo", title="From images to an audited encoder")
    report.answer = "\n\n".join(step.answer for step in reports[2:])
    report.save(run)
    return report
