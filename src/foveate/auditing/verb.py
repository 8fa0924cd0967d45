"""``foveate audit``: who is asked what, in which order. The numbers are made in ``dejavu``, the page in ``report``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from foveate.auditing import dejavu, report
from foveate.auditing.audited import Audited
from foveate.auditing.config import Audit
from foveate.auditing.membership import look_up, never_seen, only_seen
from foveate.auditing.reference import Reference, Setting
from foveate.auditing.registry import MODES
from foveate.auditing.sets import LEAST, Labelled, cut, open_set, same_pictures
from foveate.auditing.two_model import LookedUp, searcher
from foveate.core import console, stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.run import Run
from foveate.core.seeds import numpy_stream
from foveate.reporting.record import Report

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

KS = (5, 20, 50, 100)  # the score is shown over these
PERMUTATIONS = 10  # of the control with shuffled labels


def run(config: Audit) -> Report:
    """Audit an encoder for what it memorised of ``--members``.

    Returns:
        A report with ``verdict`` and the metrics ``dejavu.score``, ``dejavu.target``, ``dejavu.reference`` and others.

    Raises:
        FoveateError: what the mode needs is not given, sets do not fit together, or an address does not hold.
    """
    with Run(config.out, "audit", config, resume=config.resume) as run:
        record = report.write(audit(config))
        record.save(run)
    return record


def audit(config: Audit) -> Audited:
    """The measurements of an audit, without a run folder or a page."""
    from foveate.encoders.load import load
    from foveate.engine.local import resolve_device

    _check(config)
    make_reference = MODES.load(config.mode)
    device = resolve_device(config.device)
    target = load(config.encoder, device=device, seed=config.seed, trust_code=config.trust_code)
    mine, theirs = look_up(config.encoder), look_up(config.reference)
    public = never_seen(never_seen(open_set("public", config.public), mine), theirs)
    classes = public.classes
    members = never_seen(only_seen(open_set("members", config.members, classes=classes), mine), theirs)
    held_out = open_set("held-out", config.held_out, classes=classes) if config.held_out else None
    others = None
    if config.reference and config.reference_members:
        given = open_set("reference-members", config.reference_members, classes=classes)
        others = never_seen(only_seen(given, theirs), mine)
    if held_out is not None:
        held_out = never_seen(never_seen(held_out, mine), theirs)
        held_out = _without(held_out, [members, *([others] if others else [])])
    before = len(public)
    public = _without(public, [images for images in (members, held_out, others) if images is not None])
    taps = _taps(config, target)
    setting = Setting(config=config, target=target, taps=taps, public=public, held_out=held_out, device=device)
    asked = cut(members, config.crop, share=config.crop_share)
    reference: Reference = make_reference(setting)
    console.say(f"audit: {len(asked):,} crops of members, looked up among {len(public):,} public images")
    me = searcher(setting)
    k = _k(config, public)
    answers, reference_answers = me.answer(asked), reference.answer(asked)
    _, near = same_pictures(asked.images, public)
    found = Audited(
        config=config,
        target=me,
        reference=reference,
        taps=taps,
        k=k,
        public=public,
        members=asked,
        answers=answers,
        reference_answers=reference_answers,
        near=near,
        looked_up=(mine.how, theirs.how),
        others=tuple(images for images in (held_out, others) if images is not None),
        identical=before - len(public),
    )
    for tap in taps:
        for size in sorted({k, *(size for size in KS if size <= len(public))}):
            found.scores[tap, size] = dejavu.score(answers.right(tap, size), reference_answers.right(tap, size))
    tap = taps[0]
    if near.any() and (~near).sum() >= LEAST:
        found.apart = dejavu.score(answers.right(tap, k)[~near], reference_answers.right(tap, k)[~near])
    found.shuffled = _shuffled(found)
    if held_out is not None and reference.symmetric:
        crops = cut(held_out, config.crop, share=config.crop_share)
        found.held_out = dejavu.score(me.answer(crops).right(tap, k), reference.answer(crops).right(tap, k))
    if others is not None:
        crops = cut(others, config.crop, share=config.crop_share)
        found.swapped = dejavu.score(reference.answer(crops).right(tap, k), me.answer(crops).right(tap, k))
    return found


def _check(config: Audit) -> None:
    """Numbers and combinations, before anything is loaded."""
    if not 0 < config.crop_share < 1:
        raise FoveateError(f"--crop-share {config.crop_share} is not between 0 and 1.", "use e.g. 0.3")
    if not 0 < config.threshold < 1:
        raise FoveateError(f"--threshold {config.threshold} is not between 0 and 1.", "use e.g. 0.02")
    if config.k is not None and config.k < 1:
        raise FoveateError(f"--k {config.k} is less than 1.", "use e.g. 20")
    if config.mode == "two-model" and not config.reference:
        raise FoveateError(
            "--mode two-model needs a --reference.",
            "give an encoder of the same recipe trained on other images, or use --mode one-model --held-out DATA",
        )
    if config.mode == "one-model" and not config.held_out:
        raise FoveateError(
            "--mode one-model needs --held-out.", "give labelled images that the target was not trained on"
        )
    if config.mode == "one-model" and config.reference_members:
        raise FoveateError("--reference-members has no meaning in one-model mode.", "leave it out")


def _taps(config: Audit, target: Encoder) -> tuple[str, ...]:
    chosen = (config.tap,) if isinstance(config.tap, str) else tuple(config.tap)
    if not chosen:
        # An encoder that is no run of ours has no projector to be the reference with.
        both = target.projector is not None and (config.reference or "run:").startswith("run:")
        chosen = ("pooled", "projector") if both else ("pooled",)
    canonical = tuple(dict.fromkeys(target.check(tap) for tap in chosen))
    if tokens := [tap for tap in canonical if tap.endswith(":tokens")]:
        raise FoveateError(
            f"'{tokens[0]}' is many vectors an image, and a crop is looked up by one.", "use :mean or :cls"
        )
    return canonical


def _k(config: Audit, public: Labelled) -> int:
    if config.k is None:
        return dejavu.default_k(len(public), len(public.classes))
    if config.k > len(public):
        raise FoveateError(f"--k {config.k} is more than the {len(public)} public images.", "give a smaller --k")
    return config.k


def _without(images: Labelled, others: Sequence[Labelled]) -> Labelled:
    """``images`` without the pictures that stand in one of ``others``.

    Raises:
        FoveateError: hardly any is left: the sets are the same.
    """
    for other in others:
        twins, _ = same_pictures(images, other)
        if len(images) - int(twins.sum()) < LEAST:
            raise FoveateError(
                f"--{images.role} {images.address} has {len(images) - int(twins.sum())} pictures "
                f"that do not also stand in --{other.role} {other.address}.",
                "give sets that do not overlap, of ten images or more",
            )
        images = images.take(~twins, f"it also stands in --{other.role}") if twins.any() else images
    return images


def _shuffled(found: Audited) -> Estimate | None:
    """The control without information: public labels permuted, neighbours kept. The score must be about 0.

    The interval is over permutations: crops that lie together get one answer, so that a single permutation strays
    further from 0 than its number of crops tells.
    """
    if not isinstance(found.reference_answers, LookedUp):
        return None
    tap, k, truth = found.taps[0], found.k, found.members.images.labels
    scores = []
    for draw in range(PERMUTATIONS):
        labels = numpy_stream(found.config.seed, "audit", "shuffled", draw).permutation(found.public.labels)
        mine, theirs = (
            dejavu.infer(labels[answers.neighbours(tap)[:, :k]], len(found.public.classes)).right(truth).mean()
            for answers in (found.answers, found.reference_answers)
        )
        scores.append(mine - theirs)
    return stats.seeds_interval(scores)
