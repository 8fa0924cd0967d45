from __future__ import annotations

import subprocess
import sys

from foveate.data.registry import BUILTINS, SCHEMES, Builtin, Scheme


def test_every_name_on_the_lists_is_there() -> None:
    assert all(isinstance(SCHEMES.load(name), Scheme) for name in SCHEMES)
    assert all(isinstance(BUILTINS.load(name), Builtin) for name in BUILTINS)


def test_the_lists_cost_nothing_to_read() -> None:
    code = (
        "import sys, foveate.data, foveate.data.registry as r; list(r.SCHEMES);"
        "print([m for m in ('numpy', 'torch', 'PIL', 'pyarrow', 'datasets', 'sklearn') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
