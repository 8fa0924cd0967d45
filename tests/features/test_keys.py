from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foveate.features.keys import KeyTable, as_keys, digest16, key_column, keys_of, row_key

# Few values, so that halves collide: what 64-bit hashes hardly ever do must still be right.
HALF = st.integers(0, 3)
PAIRS = st.lists(st.tuples(HALF, HALF), max_size=12)


@given(PAIRS, PAIRS)
def test_a_table_finds_what_a_dict_finds_and_the_first_wins(
    known: list[tuple[int, int]], wanted: list[tuple[int, int]]
) -> None:
    keys = np.array(known, dtype=np.uint64).reshape(-1, 2)
    expected: dict[tuple[int, int], int] = {}
    for i, pair in enumerate(known):
        expected.setdefault(pair, i)
    found = KeyTable(keys).find(np.array(wanted, dtype=np.uint64).reshape(-1, 2))
    assert found.tolist() == [expected.get(pair, -1) for pair in wanted]


def test_values_come_with_their_keys() -> None:
    keys = as_keys(b"".join(digest16(bytes([i])) for i in range(100)))
    table = KeyTable(keys, np.arange(100, dtype=np.int64) * 7)
    assert table.find(keys[::-1]).tolist() == [7 * i for i in range(99, -1, -1)]


def test_a_box_makes_another_row() -> None:
    image = digest16(b"picture")
    box = np.array([0, 0, 4, 4], dtype=np.int32)
    other = np.array([0, 0, 4, 5], dtype=np.int32)
    assert len({row_key(image, None), row_key(image, box), row_key(image, other)}) == 3
    assert row_key(image, box) == row_key(image, box.astype(np.int64).astype(np.int32))


def test_keys_survive_a_column_even_a_sliced_one() -> None:
    import pyarrow as pa

    keys = as_keys(b"".join(digest16(bytes([i])) for i in range(9)))  # some end in zero bytes, none may be lost
    assert np.array_equal(keys_of(pa.table({"key": key_column(keys)}), "key"), keys)
    assert np.array_equal(keys_of(pa.table({"key": key_column(keys)}).slice(3, 4), "key"), keys[3:7])
