"""Files that are never half-written: everything foveate leaves on disk goes through here."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foveate.core.errors import FoveateError


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary sibling of ``path`` to write to; it takes the name of ``path`` when the block ends well.

    The content is on the disk before the name is: after a crash ``path`` is the old file or the new one.

    Raises:
        FoveateError: the disk is full, or the folder cannot be written. Nothing is left behind.
    """
    path = Path(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        os.close(handle)
    temporary = Path(name)
    try:
        with explained(path):
            yield temporary
            with open(temporary, "rb") as written:
                os.fsync(written.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with atomic(path) as temporary:
        # The name of a file that is no UTF-8 reaches us with surrogates: it is written as escapes, which JSON knows.
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write JSON; a number that is not finite is an error here, not NaN in the file."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: Path, *, what: str) -> Any:
    """Read JSON that foveate wrote.

    Raises:
        FoveateError: the file is missing or torn; ``what`` says in words what it should be.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FoveateError(f"{path} is not there: {what} was expected.", "check the path") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise FoveateError(
            f"{path} is not valid JSON: {what} was expected.",
            "it was damaged outside foveate: restore it, or run the command again into another --out",
        ) from None
    except OSError as error:
        raise FoveateError(f"{path} cannot be read: {error.strerror}.", "check the path and its permissions") from None


def finite(value: Any) -> Any:
    """A copy of nested lists and dicts in which every float that is not finite is None, for JSON."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _device(path: Path) -> FoveateError:
    return FoveateError(
        f"the disk or the network drive failed: {path} was not written.",
        "look after it (the system's log says more), or choose another --out, and run the command again",
    )


_WRITE_TROUBLE: dict[int, Callable[[Path], FoveateError]] = {
    **dict.fromkeys((errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE), _device),
    errno.ENOSPC: lambda path: FoveateError(
        f"the disk is full: {path} was not written.",
        "free some space (foveate doctor shows the cache) and run the command again",
    ),
    errno.EDQUOT: lambda path: FoveateError(
        f"the disk quota is used up: {path} was not written.",
        "free some space (foveate doctor shows the cache) and run the command again",
    ),
    errno.EFBIG: lambda path: FoveateError(
        f"{path} was not written: it is larger than this shell or file system allows.",
        "raise the limit (ulimit -f unlimited) or choose another --out, and run the command again",
    ),
    errno.EACCES: lambda path: FoveateError(
        f"no permission to write {path}.", "choose another --out, or change the folder's permissions"
    ),
    errno.EPERM: lambda path: FoveateError(
        f"no permission to write {path}.", "choose another --out, or change the folder's permissions"
    ),
    errno.EROFS: lambda path: FoveateError(f"{path} lies on a read-only file system.", "choose another --out"),
    errno.ENOTDIR: lambda path: FoveateError(
        f"{path} cannot be written: a part of its path is a file.", "choose another --out"
    ),
    errno.EEXIST: lambda path: FoveateError(
        f"{path.parent} is a file, where a folder is needed.", "choose another --out"
    ),
    errno.EISDIR: lambda path: FoveateError(
        f"{path} is a folder, where a file is to be written.", "choose another --out"
    ),
    errno.ENAMETOOLONG: lambda path: FoveateError(
        f"the name {path.name[:40]}… is too long for this file system.", "choose a shorter --out"
    ),
}


def explain(error: Exception, path: Path | None = None) -> FoveateError | None:
    """What the operating system says of a write, in words and with a remedy; None for what is not the user's matter.

    Writers that hide the system's error number in their text (NumPy's ``tofile``, safetensors) are understood too.
    """
    make = _WRITE_TROUBLE.get(_errno_of(error))
    named = getattr(error, "filename", None)
    return make(path or Path(named if isinstance(named, str | os.PathLike) else "the output")) if make else None


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise what goes wrong with a write to ``path`` as a FoveateError.

    An error that names another file, e.g. an input that is read inside the block, passes unchanged.
    """
    try:
        yield
    except Exception as error:  # libraries written in Rust and C++ raise types of their own for a full disk
        if _is_about(error, path) and (known := explain(error, path)):
            raise known from error
        raise


def _is_about(error: Exception, path: Path) -> bool:
    named = getattr(error, "filename", None)
    if not isinstance(named, str | os.PathLike):
        return True
    return Path(named).parent == path.parent or Path(named) in path.parents


def _errno_of(error: Exception) -> int:
    """The system's error number behind an exception of a write, or 0."""
    if isinstance(error, FoveateError):
        return 0
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if found := re.search(r"(?:os error|errno|os \{ code:) (\d+)", str(error), re.IGNORECASE):
        return int(found[1])
    full = re.search(r"No space left on device|\d+ requested and \d+ written", str(error))
    return errno.ENOSPC if full else 0
