"""Run all benchmarks, or those named, and print their rows: ``python -m benchmarks [NAME …]``."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    names = sys.argv[1:] or sorted(
        m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_")
    )
    print("| what | ours | peer | ratio | unit | note |\n|---|---|---|---|---|---|")
    for name in names:
        for row in importlib.import_module(f"benchmarks.{name}").run():
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
