"""How an exam was measured, in words."""

from __future__ import annotations

from foveate.probing.factors import columns, heldout, pairs
from foveate.probing.factors.measure import Examined
from foveate.reporting.sections import Section, Table, Text


def section(found: Examined) -> Section:
    """The last section of the page: definitions, choices, and the factors as they were read."""
    table = found.table
    quantities = [name for name, factor in table.factors.items() if factor.numbers is not None]
    binned = f"Here: {', '.join(quantities)}. " if quantities else ""
    held = found.held_out
    curve = ""
    if held is not None:
        curve = (
            f"Values never seen: a third of the values of {held.factor} ({len(held.held)}) is only tested on; the classifier is trained on "
            f"k of the others, always on {held.rows:,} images, {heldout.DRAWS} times each; C is chosen once for all k, at the largest, on the other "
            "images of training values. Accuracy is the mean over held-out values and over draws; its interval covers both.\n\n"
        )
    head = ""
    if found.head is not None:
        head = (
            "The model's own answers: the most probable of its 1000 classes, right if it is one of the row's. Assets are kept by their "
            "default views, so top-1 there is an upper figure and the difference to it includes what the choice gained.\n\n"
        )
    text = (
        f"Features at {found.tap}, frozen. {table.how}; pictures of one asset in one scene never stand on both sides. Intervals are 95 %, "
        f"over {'asset and scene' if len(set(table.groups.tolist())) < len(table) else 'images'} (accuracies, R²) and over {table.unit} (pairs).\n\n"
        f"A number with more than {columns.MOST_NUMBERS} values is a quantity: it is sliced in {columns.BINS} bins of as many training rows, and read by ridge "
        f"regression (of a yaw, pitch, roll or azimuth: cosine and sine of the angle in degrees). {binned}In a table with a column "
        "`varied` a factor is read on pictures that vary it and on default views.\n\n"
        "Accuracy by value, and decodability: logistic regression on standardised features, C chosen on a held-out fifth of the training "
        "rows; ridge by leave-one-out on them. Test rows are read once and choose nothing. Chance: the test rows' most frequent value.\n\n"
        "Pairs: rows that differ in the factor and agree in every other that does not follow from it or tell it; a row has at most "
        f"{2 * pairs.PARTNERS} partners. Distance: mean squared, over that of random pairs; its interval is a jackknife. Translation and linear map: "
        "from a factor's most frequent value to each other one, five folds by unit; the map is ridge regression of the displacement on "
        "the leading 128 principal axes. R² is against no change at all. Additivity: ridge regression of the features on indicators of values, "
        "R² against the training mean.\n\n"
        f"{curve}{head}"
        "Untrained: the same architecture with fresh weights. Pixels: images squashed to 16 × 16 colours."
    )
    rows = [
        [
            name,
            len(factor.texts),
            "quantity" if factor.numbers is not None else "values",
            int(factor.known.sum()),
            ", ".join(factor.names[:8]) + (" …" if len(factor.names) > 8 else ""),
        ]
        for name, factor in table.factors.items()
    ]
    fields = Table(["factor", "values", "kind", "images", "which"], rows, caption="The factors.", id="factors")
    return Section("How it was measured", [Text(text), fields])
