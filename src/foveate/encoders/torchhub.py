"""``torchhub:REPO:ENTRY``: an entry of a ``hubconf.py``. It runs foreign code, so only with ``--trust-code``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from foveate.core.errors import FoveateError
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
            f"torchhub:{rest} runs code of {repo} on this machine.",
            "add --trust-code if you trust it, or use its timm twin",
        )
    architecture = Architecture(kind="torchhub", name=rest, image_size=options.image_size)
    body = _body(_create(rest), options.image_size)
    return Encoder(address=f"torchhub:{rest}", architecture=architecture, body=body)


def build(architecture: Architecture) -> Body:
    """The untrained network: the entry called with ``pretrained=False`` or ``weights=None``, whichever it takes."""
    for arguments in ({"pretrained": False}, {"weights": None}):
        try:
            return _body(_create(architecture.name, **arguments), architecture.image_size)
        except TypeError:  # the entry has no such argument
            continue
    raise FoveateError(
        f"torchhub:{architecture.name} cannot be built untrained: it takes neither pretrained nor weights.",
        "use its timm twin where an untrained control is needed",
    )


def _create(rest: str, **arguments: Any) -> nn.Module:
    repo, _, entry = rest.rpartition(":")
    folder = Path(repo).expanduser()
    local = (folder / "hubconf.py").exists()
    try:
        network = torch.hub.load(
            str(folder) if local else repo,
            entry,
            source="local" if local else "github",
            trust_repo=True,
            skip_validation=True,
            verbose=False,
            **arguments,
        )
    except TypeError:
        if arguments:
            raise
        raise FoveateError(f"torchhub:{rest} cannot be called without arguments.", "name another entry") from None
    except Exception as error:  # foreign code may raise anything
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise FoveateError(
            f"torchhub:{rest} failed: {reason}", "check the repository, the entry and the network"
        ) from error
    if not isinstance(network, nn.Module):
        raise FoveateError(f"torchhub:{rest} gives no network.", "name another entry")
    return network.float()


def _body(network: nn.Module, image_size: tuple[int, int] | None) -> Body:
    from foveate.encoders import timm

    network.eval()
    size = image_size or (224, 224)
    # Hub entries say nothing of preprocessing: what torchvision's and DINO's use is assumed.
    preprocess = Preprocess(size=size, crop_pct=0.875, interpolation="bicubic")
    inside = timm.anatomy(network, size)
    classifier = _classifier(network)
    with torch.inference_mode():
        outputs = _forward(network, torch.zeros(1, 3, *size, device=next(network.parameters()).device))
    return Body(
        network,
        Anatomy(
            forward=_forward,
            width=outputs["pooled"].shape[1],
            places=inside.places,
            outputs=("pooled", "logits") if classifier else ("pooled",),
            grid=inside.grid,
        ),
        preprocess,
    )


def _classifier(network: nn.Module) -> str:
    """The path of the last linear layer, where the network ends in a classifier as torchvision spells them."""
    for name in _CLASSIFIERS:
        head = getattr(network, name, None)
        if isinstance(head, nn.Module):
            linear = [path for path, module in head.named_modules() if isinstance(module, nn.Linear)]
            if linear:
                return f"{name}.{linear[-1]}".rstrip(".")
    return ""


def _forward(network: nn.Module, images: Tensor) -> Mapping[str, Tensor]:
    if classifier := _classifier(network):
        return classified(network, images, classifier, network)
    output = network(images)
    if isinstance(output, tuple | list):
        output = output[0]
    return {"pooled": output.mean((2, 3)) if output.ndim == 4 else output.flatten(1)}
