"""``hf-hub:ORG/NAME[@REVISION]``: a folder of the Hugging Face hub in any of the formats of ``local-dir:``."""

from __future__ import annotations

import logging
from pathlib import Path

from foveate.core.errors import FoveateError
from foveate.encoders.architecture import Options
from foveate.encoders.encoder import Encoder

logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries; what remains is said by our error


def load(rest: str, options: Options) -> Encoder:
    """Fetch configuration and safetensors (nothing else) into the hub's own cache, then read them as a folder."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    from foveate.encoders import local_dir

    name, _, revision = rest.partition("@")
    try:
        folder = snapshot_download(
            name, revision=revision or None, allow_patterns=["*.json", "*.safetensors"], ignore_patterns=["*/*"]
        )
    except HFValidationError:
        raise FoveateError(f"'{name}' is no name of the hub.", "write hf-hub:ORG/NAME") from None
    except (LocalEntryNotFoundError, OSError, HfHubHTTPError) as error:
        raise _out_of_reach(name, error, "use local-dir:PATH of a folder that was downloaded") from error
    return local_dir.read(f"hf-hub:{rest}", Path(folder), options)


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
            raise _out_of_reach(name, error, offline) from error
        except EntryNotFoundError:
            continue
        except (HfHubHTTPError, OSError) as error:
            raise _out_of_reach(name, error, offline) from error
    raise FoveateError(
        f"the hub's folder {name} holds no safetensors.",
        "download its checkpoint and turn it into safetensors: foveate convert FILE",
    )


def _out_of_reach(name: str, error: Exception, remedy: str) -> FoveateError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403, 404):
        return FoveateError(
            f"the hub has no open folder '{name}' (status {status}).", "check the name, or log in with: hf auth login"
        )
    return FoveateError(f"{name} is not on this machine and the hub cannot be reached.", remedy)
