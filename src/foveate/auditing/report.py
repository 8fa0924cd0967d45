"""The page of an audit: verdict, table, curve, classes, layers, checks, and the images that leak most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foveate.auditing.audited import Audited
from foveate.auditing.dejavu import by_class, curve
from foveate.auditing.two_model import LookedUp
from foveate.core.address import brief
from foveate.core.findings import Control, Finding, judge
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Column, Exhibit, Gallery, Section, Table, Text, Verdict

SOURCE = "Meehan et al. 2023, Do SSL Models Have Déjà Vu?"
_NEIGHBOURS = 5  # shown of each encoder in the gallery


def write(found: Audited) -> Report:
    """The report of an audit."""
    config, one = found.config, found.headline
    report = Report(
        "audit",
        f"What {brief(found.target.name)} remembers of {brief(found.members.images.address)}",
        answer=_answer(found),
        inputs=_inputs(found),
        config=config,
        verdict=found.verdict,
    )
    _metrics(found, report)
    report.finding(_finding(found))
    for images in (found.members.images, found.public, *found.others):
        for id, reason in images.left_out:
            report.skip(f"{images.role}: {id}", reason)
    report.section(Section("Verdict", [_verdict(found), *_accuracies(found)]))
    report.section(_table(found))
    report.section(_curve(found))
    report.section(_neighbours_that_vote(found))
    report.section(_classes(found))
    if one.target_only:
        report.section(_gallery(found))
    report.section(_checks(found))
    report.section(_method(found))
    return report


def _answer(found: Audited) -> str:
    one = found.headline
    less = f", less that on held-out images {interval(found.judged._asdict())}" if found.unequal else ""
    words = {
        "PASS": "No memory of its training images beyond the threshold was found",
        "FAIL": "It remembers its training images",
        "INCONCLUSIVE": "These images do not decide it",
    }
    return (
        f"{words[found.verdict]}: from a crop alone it names the label of {number(one.target.value)} of its members, "
        f"the reference of {number(one.reference.value)}{_no_better(found)}; "
        f"déjà vu score {interval(one.score._asdict())}{less}, threshold {number(found.config.threshold)}."
    )


def _no_better(found: Audited) -> str:
    """Where neither can read a crop, the reader must know it: a PASS then says that nothing shows, not why."""
    one = found.headline
    if max(one.target.low, one.reference.low) > found.chance:
        return ""
    return f" (neither more than chance, {number(found.chance)}: nothing was remembered, or the crops show too little to recall it)"


def _inputs(found: Audited) -> dict[str, object]:
    config, target = found.config, found.target.lookup.encoder
    inputs: dict[str, object] = {
        "encoder": {"address": config.encoder, "fingerprint": target.fingerprint, "tap": found.taps[0]},
        "reference": found.reference.name,
        "members": {"address": config.members, "crops": len(found.members)},
        "public": {"address": config.public, "images": len(found.public), "classes": len(found.public.classes)},
    }
    for name in ("held_out", "reference_members"):
        if getattr(config, name):
            inputs[name.replace("_", " ")] = getattr(config, name)
    return inputs


def _metrics(found: Audited, report: Report) -> None:
    one, chance = found.headline, found.chance
    report.metric("dejavu.score", one.score, chance=0.0)
    report.metric("dejavu.target", one.target, chance=chance)
    report.metric("dejavu.reference", one.reference, chance=chance)
    for (tap, k), score in found.scores.items():
        if k == found.k:
            report.metric(f"dejavu.score@{tap}", score.score, chance=0.0)
        if tap == found.taps[0]:
            report.metric(f"dejavu.score/k={k}", score.score, chance=0.0)
    if found.shuffled is not None:
        report.metric("dejavu.shuffled", found.shuffled, over="seeds", chance=0.0)
    extra = {"held-out": found.held_out, "swapped": found.swapped}
    for name, other in extra.items():
        if other is not None:
            report.metric(f"dejavu.{name}", other.score, chance=0.0)
    if found.adjusted is not None:
        report.metric("dejavu.adjusted", found.adjusted, chance=0.0)
    if found.apart is not None:
        report.metric("dejavu.score/without-near-twins", found.apart.score, chance=0.0)
    controls = {}
    for label, key in (("held-out images", "dejavu.held-out"), ("shuffled labels", "dejavu.shuffled")):
        if key in report.metrics:
            controls[label] = key
    report.headline("dejavu.score", f"déjà vu score at {found.taps[0]}", controls=controls, better="lower")
    report.headline(
        "dejavu.target", "labels right from a crop", controls={"reference": "dejavu.reference"}, better="lower"
    )


def _finding(found: Audited) -> Finding:
    judged, control, name = found.judged, found.shuffled, "shuffled public labels"
    if found.held_out is not None:
        control, name = found.held_out.score, "held-out images"
    low, high = (control.low, control.high) if control else (None, None)
    return Finding(
        id="dejavu",
        claim="The target infers the labels of its members' crops better than the reference.",
        source=SOURCE,
        statistic="share right of the target minus share right of the reference, same crops"
        + (", less the same on held-out images" if found.unequal else ""),
        value=judged.value,
        low=judged.low,
        high=judged.high,
        n=judged.n,
        over="images",
        null=0.0,
        threshold=found.config.threshold,
        control=Control(name if control else "none", control.value if control else None, low, high),
        verdict=judge(
            judged,
            threshold=found.config.threshold,
            controls_behave=found.unequal or (_behaves(low, high) and not found.naive),
        ),
        note="the unit is the image: what another training run would give is not covered by the interval",
    )


def _behaves(low: float | None, high: float | None) -> bool:
    return low is None or high is None or low <= 0 <= high


def _verdict(found: Audited) -> Verdict:
    one, judged, threshold = found.headline, found.judged, found.config.threshold
    because = f"{interval(judged._asdict())} against a threshold of {number(threshold)}, over {judged.n:,} crops. "
    if found.unequal:
        because += (
            "Target and reference also differ on held-out images, where neither can remember anything, so the verdict rests "
            "on the score less the held-out score. "
        )
    because += f"A true score of {number(one.detectable)} would be found with so many crops in 8 of 10 audits."
    if found.odd:
        because += (
            " More shows on the held-out images than on the members: were they trained on, or are they of another kind?"
        )
    elif found.naive:
        because += (
            " The reference is untrained: any training tells more of a crop than none, so a higher score is no proof of memory. "
            "Give a --reference of the same recipe, or --held-out."
        )
    elif found.verdict == "INCONCLUSIVE":
        because += " More members narrow the interval."
    return Verdict(found.verdict, f"The déjà vu score lies below {number(threshold)}.", because)


def _accuracies(found: Audited) -> list[Block]:
    rows = [
        [tap, score.score, score.target, score.reference, number(score.p)]
        for tap in found.taps
        if (score := found.scores[tap, found.k])
    ]
    table = Table(
        [Column("tap", "code"), "déjà vu score", "target right", "reference right", Column("McNemar p", note="exact")],
        rows,
        caption=f"Label inference from crops, {found.k} neighbours; always naming the most frequent class is right in "
        f"{number(found.chance)}.",
        id="scores",
    )
    if found.held_out is not None:
        return [table]
    caution = (
        "No --held-out set was given. The score then takes it on trust that target and reference are equally good on "
        "images that neither saw; a better target would look like one that remembers."
    )
    return [table, Text(caution, tone="note")]


def _table(found: Audited) -> Section:
    one = found.headline
    n, chance = one.score.n, one.chance_only
    rows = [
        ["both right", one.both, one.both / n, None, "the crop tells it to anyone"],
        ["target right, reference wrong", one.target_only, one.target_only / n, chance, "memory, and luck"],
        ["target wrong, reference right", one.reference_only, one.reference_only / n, chance, "luck"],
        ["both wrong", one.neither, one.neither / n, None, ""],
    ]
    table = Table(
        ["outcome", "crops", "share", Column("expected if neither knew more", digits=1), "what is in it"],
        rows,
        caption="Each crop under both encoders.",
        id="two-by-two",
    )
    lead = (
        f"{one.target_only:,} crops are right under the target alone, {one.reference_only:,} under the reference alone: "
        "only the difference is memory."
    )
    return Section("What both say of each crop", [table], lead)


def _curve(found: Audited) -> Section:
    tap, k = found.taps[0], found.k
    labels = found.members.images.labels
    inference = found.answers.inference(tap, k)
    points = curve(inference.right(labels), found.reference_answers.right(tap, k), inference.confidence)
    drawn = [Point.of(100 * p.share, p.target, "target") for p in points]
    drawn += [Point.of(100 * p.share, p.reference, "reference") for p in points]
    chart = charts.lines(
        drawn,
        x="crops, the share that the target is most confident of, %",
        along="numbers",
        y="labels right",
        chance=found.chance,
        alt="Share of labels right against the share of crops, ranked by the target's confidence, for target and reference.",
        caption="Both lines are over the same crops, ranked by the target's confidence (how far its neighbours agree).",
    )
    first = points[0]
    lead = (
        f"Of the {number(100 * first.share, 0)} % of crops the target is surest of, it gets {number(first.target.value)} right, "
        f"the reference {number(first.reference.value)}."
    )
    note = Text("Crops that tell their class to anyone fill the top for both: the left end is no measure of memory.")
    return Section("Where it is confident", [chart, note], lead)


def _neighbours_that_vote(found: Audited) -> Section:
    ks = sorted({k for _, k in found.scores})
    points = [Point.of(float(k), found.scores[tap, k].score, tap) for tap in found.taps for k in ks]
    chart = charts.lines(
        points,
        x="neighbours that vote (k)",
        y="déjà vu score",
        zero=True,
        along="log",
        alt="Déjà vu score against the number of neighbours, a line for each tap.",
    )
    values = [found.scores[found.taps[0], k].score.value for k in ks]
    lead = f"Between {number(min(values))} and {number(max(values))} at {found.taps[0]} for k from {ks[0]} to {ks[-1]}."
    return Section("Does it hang on k?", [chart], lead)


def _classes(found: Audited) -> Section:
    tap, k, labels = found.taps[0], found.k, found.members.images.labels
    rows, hidden = by_class(found.answers.right(tap, k), found.reference_answers.right(tap, k), labels)
    tail = f" {hidden} classes of fewer than 20 crops are not shown." if hidden else ""
    if not rows:
        return Section("By class", [Text(f"No class has 20 crops or more.{tail}")], "")
    names = found.public.classes
    table = Table(
        ["class", "déjà vu score", "target right", "reference right", "McNemar p", "beyond 0 (Benjamini–Hochberg)"],
        [[names[r.label], r.score, r.target, r.reference, number(r.p), r.significant] for r in rows],
        caption=f"Each class of at least 20 crops.{tail}",
        id="classes",
    )
    chart = charts.intervals(
        [Point.of(names[r.label], r.score) for r in rows[:30]],
        value="déjà vu score",
        chance=0.0,
        alt="Déjà vu score of each class with its interval.",
    )
    count = sum(row.significant for row in rows)
    lead = f"{count} of {len(rows)} classes differ from 0 after correction for their number."
    return Section("By class", [chart, table], lead)


def _gallery(found: Audited) -> Section:
    tap, k, images = found.taps[0], found.k, found.members.images
    inference = found.answers.inference(tap, k)
    leaked = inference.right(images.labels) & ~found.reference_answers.right(tap, k)
    order = np.flatnonzero(leaked)
    order = order[np.argsort(-inference.confidence[order], kind="stable")][: found.config.gallery]
    mine, theirs = found.answers.neighbours(tap), found.reference_answers.neighbours(tap)
    sides = [("target's neighbours", mine)] + ([("reference's neighbours", theirs)] if theirs is not None else [])
    members = _pixels(images.dataset, order)
    wanted = np.concatenate([side[order, :_NEIGHBOURS].ravel() for _, side in sides])
    public = _pixels(found.public.dataset, wanted)
    names, ids = found.public.classes, images.ids
    exhibits = []
    for row in order.tolist():
        if row not in members:
            continue
        x0, y0, x1, y1 = (float(side) for side in found.members.boxes[row])
        pictures = [
            picture(
                members[row], caption=names[images.labels[row]], box=(x0, y0, x1, y1), group="member and crop", side=160
            )
        ]
        for group, side in sides:
            pictures += [
                picture(public[i], caption=names[found.public.labels[i]], group=group, side=112)
                for i in side[row, :_NEIGHBOURS].tolist()
                if i in public
            ]
        exhibits.append(Exhibit(ids[row], pictures, note=f"confidence {number(float(inference.confidence[row]), 2)}"))
    one = found.headline
    lead = (
        f"The {len(exhibits)} of {one.target_only:,} crops with right label under the target alone of which it is most "
        f"confident; {one.reference_only:,} the other way round say how many stand here by luck."
    )
    caption = "Each member with its crop (all the encoders saw), and the public images found nearest to it."
    return Section("What leaks most", [Gallery(exhibits, caption=caption, id="leaks")], lead)


def _pixels(dataset: object, rows: Sequence[int] | np.ndarray) -> dict[int, np.ndarray]:
    from foveate.data.decode import Reader

    chosen = sorted({int(row) for row in rows})
    return {image.row: image.pixels for image in Reader(dataset, rows=chosen, max_unreadable=1.0)}  # type: ignore[misc]


def _checks(found: Audited) -> Section:
    one = found.headline
    rows: list[list[object]] = []

    def check(name: str, score: object, should: str, fine: bool | None) -> None:
        rows.append([name, score, should, "–" if fine is None else "yes" if fine else "no"])

    if found.held_out is not None:
        check("score on held-out images", found.held_out.score, "contain 0", not found.unequal)
        check("score less the held-out score", found.adjusted, "", None)
    if found.shuffled is not None:
        fine = found.shuffled.low <= 0 <= found.shuffled.high
        check("score with public labels shuffled", found.shuffled, "contain 0", fine)
    if found.swapped is not None:
        check("the other way round: the reference on its own members", found.swapped.score, "", None)
    if found.apart is not None:
        check(
            "score without members that have a near twin in the public set",
            found.apart.score,
            "agree with the score",
            None,
        )
    check("reference right: what the crop tells without memory", one.reference, f"be near chance, {number(found.chance)}",
          one.reference.low <= found.chance + 0.2)  # fmt: skip
    table = Table(["check", "measured", "should", "does"], rows, caption="Checks of the measurement.", id="checks")
    dropped = [id for id, reason in found.members.images.left_out if "crop" in reason]
    words = [
        *filter(None, found.looked_up),
        f"{len(dropped):,} members were left out for lack of a crop that is large enough.",
        f"{found.identical:,} public images also stood in another role and were taken out.",
        f"{int(found.near.sum()):,} members have a near twin (same thumbnail) among the public images.",
    ]
    blocks: list[Block] = [table, Text(" ".join(words))]
    if one.reference.low > found.chance + 0.2:
        caution = (
            "The crops tell their class well above chance also to the reference: objects reach into them, or backgrounds "
            "go with classes. The score takes that off, but less room is left in which memory could show."
        )
        blocks.append(Text(caution, tone="note"))
    return Section("Checks", blocks)


def _method(found: Audited) -> Section:
    config = found.config
    crop = {
        "corner": f"the lower-left corner, {config.crop_share:.0%} of each side",
        "boxes": "the largest rectangle outside all object boxes",
        "masks": "the largest rectangle outside all object masks",
    }[config.crop]
    how = "cosine, on features centred on the public mean" if config.metric == "cosine" else "Euclidean distance"
    text = (
        f"Of each member one crop is shown: {crop}. Its {found.k} nearest public images ({how}; whole images, exact search) "
        "vote on its label; ties go to the closer ones. The same crops are put to the reference: "
        f"{found.reference.name}. The score is the share right of the target minus that of the reference.\n\n"
        "Intervals are 95 %, over images: of paired differences for scores, Wilson's for shares. PASS: the interval lies below "
        "the threshold; FAIL: above it; else INCONCLUSIVE. The interval says nothing of how much another training run with "
        "the same recipe would differ.\n\n"
        "What can be tried, and measured again: cutting the projector off, an earlier checkpoint, removing duplicates from "
        "the training set, another objective or temperature."
    )
    if not isinstance(found.reference_answers, LookedUp):
        text += (
            "\n\nIn one-model mode the reference may be weaker than a second encoder would be; what correlation it misses "
            "stays in the score, which is then an upper figure. A second audit with another --reference shows how much."
        )
    return Section("How it was measured", [Text(text)])
