"""``hf-hub:ORG/NAME[@REVISION]``: a folder of the Hugging Face hub in any of the formats of ``local-dir:``."""

from __future__ import annotations

from pathlib import Path

from foveate.core.errors import FoveateError
from foveate.encoders import local_dir
from foveate.encoders.architecture import Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.hub import out_of_reach


def load(rest: str, options: Options) -> Encoder:
    """Fetch configuration and safetensors (nothing else) into the hub's own cache, then read them as a folder."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name, _, revision = rest.partition("@")
    try:
        folder = snapshot_download(
            name, revision=revision or None, allow_patterns=["*.json", "*.safetensors"], ignore_patterns=["*/*"]
        )
    except HFValidationError:
        raise FoveateError(f"'{name}' is no name of the hub.", "write hf-hub:ORG/NAME") from None
    except (LocalEntryNotFoundError, OSError, HfHubHTTPError) as error:
        raise out_of_reach(name, error, "use local-dir:PATH of a folder that was downloaded") from error
    return local_dir.read(f"hf-hub:{rest}", Path(folder), options)
