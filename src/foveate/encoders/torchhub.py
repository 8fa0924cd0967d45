"""``torchhub:REPO:ENTRY``: an entry of a ``hubconf.py``. It runs foreign code, so only with ``--trust-code``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from foveate.core.errors import FoveateError, nearest
from foveate.encoders.anatomy import Anatomy, classified
from foveate.encoders.architecture import Architecture, Body, Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess

_CLASSIFIERS = ("fc", "head", "classifier", "heads")


def load(rest: str, options: Options) -> Encoder:
    """``REPO`` is OWNER/NAME[:BRANCH] on GitHub, or a folder with a hubconf.py."""
    repo, _, entry = rest.rpartition(":")
    if not repo or not entry:
        raise FoveateError(f"'torchhub:{rest}' lacks its entry.", "write torchhub:OWNER/REPO:ENTRY")
    if not options.trust_code:
        raise FoveateError(
            f"torchhub:{rest} runs code of {repo} on this machine.", "add --trust-code if you trust it, or use its timm twin"
        )
    architecture = Architecture(kind="torchhub", name=rest, image_size=options.image_size)
    network = _create(rest, {})
    return Encoder(address=f"torchhub:{rest}", architecture=architecture, body=_body(network, options.image_size))


def build(architecture: Architecture) -> Body:
    """The untrained network: the entry called with ``pretrained=False`` (or ``weights=None``), where it takes that."""
    repo, _, entry = architecture.name.rpartition(":")
    parameters = inspect.signature(_hub("load_entry", repo, entry)).parameters
    takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    if "weights" in parameters:
        return _body(_create(architecture.name, {"weights": None}), architecture.image_size)
    if "pretrained" in parameters or takes_any:
        return _body(_create(architecture.name, {"pretrained": False}), architecture.image_size)
    raise FoveateError(
        f"the entry '{entry}' of {repo} cannot be built untrained: it takes neither pretrained nor weights.",
        "use its timm twin where an untrained control is needed",
    )


def _create(rest: str, arguments: dict[str, Any]) -> nn.Module:
    repo, _, entry = rest.rpartition(":")
    known = _hub("list", repo, entry)
    if entry not in known:
        raise FoveateError(f"{repo} has no entry '{entry}'.", nearest(entry, known))
    network = _hub("load", repo, entry, **arguments)
    if not isinstance(network, nn.Module):
        raise FoveateError(f"the entry '{entry}' of {repo} gives no network.", "name another entry")
    return network.float()


def _hub(what: str, repo: str, entry: str, **arguments: Any) -> Any:
    """One question to a hub repository; its code runs here."""
    local = (Path(repo).expanduser() / "hubconf.py").exists()
    source = {"source": "local" if local else "github", "trust_repo": True, "skip_validation": True}
    try:
        if what == "list":
            if local:
                return torch.hub.load(str(Path(repo).expanduser()), entry, **source) and [entry] if False else _entries(repo)
            return torch.hub.list(repo, trust_repo=True, skip_validation=True)
        if what == "load_entry":
            return _entry(repo, entry, local)
        return torch.hub.load(str(Path(repo).expanduser()) if local else repo, entry, **source, **arguments)
    except FoveateError:
        raise
    except Exception as error:  # foreign code may raise anything
        raise FoveateError(f"torchhub:{repo}:{entry} failed: {str(error)[:200]}", "check the network and the name") from error
