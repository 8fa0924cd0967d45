"""Run all benchmarks, or those named, and print their rows: ``python -m benchmarks [NAME …]``.

One that says ``BY_NAME_ONLY`` takes hours.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    found = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_"))
    print("| what | ours | peer | ratio | unit | note |\n|---|---|---|---|---|---|")
    for name in sys.argv[1:] or found:
        try:
            module = importlib.import_module(f"benchmarks.{name}")
        except ModuleNotFoundError as error:
            print(f"{name} is left out: its peer is not installed ({error})", file=sys.stderr)
            continue
        if getattr(module, "BY_NAME_ONLY", False) and not sys.argv[1:]:
            continue
        for row in module.run():
            cells = [
                row["name"],
                f"{row['ours']:.4g}",
                f"{row['peer']:.4g}",
                f"{row['ratio']:.2f}x",
                row["unit"],
                row["note"],
            ]
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
