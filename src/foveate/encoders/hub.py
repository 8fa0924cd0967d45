"""One file from the Hugging Face hub, or from its cache on this machine."""

from __future__ import annotations

import logging
from pathlib import Path

from foveate.core.errors import FoveateError

logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries; what remains is said by our error


def fetch(name: str, files: tuple[str, ...], *, offline: str) -> Path:
    """The first of ``files`` that a hub folder has.

    Raises:
        FoveateError: none of them, or the hub is out of reach; ``offline`` is then the remedy.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    name = name.rstrip("/")
    for file in files:
        if isinstance(cached := try_to_load_from_cache(name, file), str):
            return Path(cached)
    for file in files:
        try:
            return Path(hf_hub_download(name, file))
        except LocalEntryNotFoundError as error:
            raise out_of_reach(name, error, offline) from error
        except EntryNotFoundError:
            continue
        except (HfHubHTTPError, OSError) as error:
            raise out_of_reach(name, error, offline) from error
    raise FoveateError(
        f"the hub's folder {name} holds no safetensors.",
        "download its checkpoint and turn it into safetensors: foveate convert FILE",
    )


def out_of_reach(name: str, error: Exception, remedy: str) -> FoveateError:
    """The answer to a failed download: no such folder, or no network."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403, 404):
        return FoveateError(
            f"the hub has no open folder '{name}' (status {status}).", "check the name, or log in with: hf auth login"
        )
    return FoveateError(f"{name} is not on this machine and the hub cannot be reached.", remedy)
