"""Data addresses to tables with the agreed columns, and batches of views on the device."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from numpy.typing import NDArray


def labels(dataset: Dataset) -> tuple[NDArray[np.int64], list[str]]:
    """The labels of all rows and the names of the classes; see ``foveate.data.columns.labels``."""
    from foveate.data import columns

    return columns.labels(dataset)
