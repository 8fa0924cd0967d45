"""The ``datasets`` library as this room uses it: quiet, and with its caches under foveate's own."""

from __future__ import annotations

import logging
from pathlib import Path
from types import ModuleType

from foveate.core.cache import folder_of


def library() -> ModuleType:
    """The ``datasets`` module with progress bars and log lines off. Imported here only, since it takes about a second."""
    import datasets

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(logging.CRITICAL)
    # Read when a builder is made without a cache_dir; the home folder may be read-only, or not ours to fill.
    datasets.config.HF_DATASETS_CACHE = cache_folder()
    datasets.config.HF_MODULES_CACHE = str(cache_folder() / "modules")
    return datasets


def cache_folder() -> Path:
    """Where Arrow copies of what cannot be mapped into memory as it is are kept."""
    return folder_of("datasets")
