"""Row choices are disjoint, complete and the same on every run."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foveate.core.seeds import numpy_stream
from foveate.probing.rows import draw_shots, hold_out, smallest_class

labels_of = st.lists(st.integers(0, 5), min_size=1, max_size=80).map(np.array)


@given(labels_of, st.integers(0, 3))
def test_hold_out_parts_the_rows_and_leaves_every_class_something_to_fit_on(labels, seed):
    fit, held = hold_out(labels, seed=seed)
    assert sorted([*fit, *held]) == list(range(len(labels)))
    assert set(labels[fit]) == set(labels)


def test_hold_out_is_stratified():
    labels = np.repeat([0, 1], [100, 50])
    _, held = hold_out(labels, seed=0)
    assert np.bincount(labels[held]).tolist() == [20, 10]


def test_hold_out_depends_on_the_seed_alone():
    labels = np.repeat([0, 1], [100, 50])
    assert (hold_out(labels, seed=1)[1] == hold_out(labels, seed=1)[1]).all()
    assert not np.array_equal(hold_out(labels, seed=1)[1], hold_out(labels, seed=2)[1])


@given(labels_of)
def test_draw_shots_takes_as_many_of_each_class(labels):
    shots = smallest_class(labels)
    rows = draw_shots(labels, shots, numpy_stream(0, "test"))
    assert len(set(rows.tolist())) == len(rows)
    found, counts = np.unique(labels[rows], return_counts=True)
    assert set(found) == set(labels)
    assert (counts == shots).all()
