"""The one exception for what a user can mend: what went wrong and the remedy, one line each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FoveateError(Exception):
    """A mistake or a circumstance that the user can mend.

    The command line prints it as two lines and exits with 2; Python users catch it.
    Broken invariants of foveate itself are asserts, never this.

    Args:
        what: what is wrong, in one line, naming the thing.
        remedy: what to do about it, in one line.
    """

    exit_code = 2

    def __init__(self, what: str, remedy: str) -> None:
        self.what = _one_line(what)
        self.remedy = _one_line(remedy)
        super().__init__(f"{self.what} {self.remedy}")

    def __reduce__(self) -> tuple[type[FoveateError], tuple[str, str]]:
        # The default would call the class with the joined message alone; errors do cross process borders.
        return type(self), (self.what, self.remedy)


def is_out_of_memory(error: BaseException) -> bool:
    """Each library says it in its own way: Python, torch on a CPU and on a GPU, and the loader of shared objects."""
    told = ("out of memory", "not enough memory", "failed to map segment", "cannot allocate memory")
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | ImportError | OSError) and any(words in str(error).lower() for words in told)
    )


def missing_extra(package: str, extra: str) -> FoveateError:
    """The error for an optional dependency that is not installed."""
    return FoveateError(
        f"this needs the package {package}, which is not installed.", f"run: pip install 'foveate[{extra}]'"
    )


def nearest(word: str, known: Iterable[str], *, limit: int = 3) -> str:
    """A hint such as ``did you mean a, b?``, or the first few known words when nothing is close."""
    known = sorted(known)
    lowered = {name.lower(): name for name in known}
    word = word.lower()
    close = [lowered[name] for name in difflib.get_close_matches(word, lowered, n=limit, cutoff=0.55)]
    if not close:
        close = [name for low, name in lowered.items() if word and low and (word in low or low in word)][:limit]
    if close:
        return f"did you mean {', '.join(close)}?"
    shown = ", ".join(known[:12]) + (f" … ({len(known)} in all)" if len(known) > 12 else "")
    return f"known: {shown}."


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
