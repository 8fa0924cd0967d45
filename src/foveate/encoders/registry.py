"""The visible lists of the room: schemes, kinds of architecture, and our small encoders. Imports nothing heavy."""

from __future__ import annotations

from foveate.core.registry import Registry

# scheme → load(rest, Options) -> Encoder
SCHEMES = Registry(
    "encoder scheme",
    {
        "timm": "foveate.encoders.timm:load",
        "open_clip": "foveate.encoders.open_clip:load",
        "hf-hub": "foveate.encoders.hf_hub:load",
        "local-dir": "foveate.encoders.local_dir:load",
        "torchhub": "foveate.encoders.torchhub:load",
        "run": "foveate.encoders.run:load",
        "random": "foveate.encoders.random:load",
        "foveate": "foveate.encoders.small.build:load",
    },
)

# kind → build(Architecture) -> Body: an untrained network with its places
ARCHITECTURES = Registry(
    "kind of encoder",
    {
        "timm": "foveate.encoders.timm:build",
        "open_clip": "foveate.encoders.open_clip:build",
        "transformers": "foveate.encoders.transformers:build",
        "torchhub": "foveate.encoders.torchhub:build",
        "foveate": "foveate.encoders.small.build:build",
    },
)

# our small encoders → function(image_size) -> nn.Module
SMALL = Registry(
    "foveate encoder",
    {
        "resnet9": "foveate.encoders.small.build:resnet9",
        "resnet18": "foveate.encoders.small.build:resnet18",
        "resnet18-narrow": "foveate.encoders.small.build:resnet18_narrow",
        "vit-mini": "foveate.encoders.small.vit:vit_mini",
        "vit-mini-patch8": "foveate.encoders.small.vit:vit_mini_patch8",
        "vit-tiny": "foveate.encoders.small.vit:vit_tiny",
        "vit-tiny-patch8": "foveate.encoders.small.vit:vit_tiny_patch8",
        "vit-small": "foveate.encoders.small.vit:vit_small",
    },
)
