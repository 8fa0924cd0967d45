"""The visible list of tasks that an encoder can be probed with, and which flags only some of them read."""

from foveate.core.registry import Registry

OWN = {
    "classify": "foveate.probing.classify:run",
    "heads": "foveate.probing.heads:run",
    "finetune": "foveate.probing.finetune:run",
    "patches": "foveate.probing.patches:run",
    "decode": "foveate.probing.decode:run",
    "rank": "foveate.probing.rank:run",
    "factors": "foveate.probing.factors:run",
    "vos": "foveate.probing.vos:run",
}
"""task → ``run(config, run) -> Report``; ``run`` is the folder, for tasks that keep files of their own."""

TASKS = Registry("probe task", OWN)

FLAGS: dict[str, tuple[str, ...]] = {
    "label_shares": ("classify",),
    "mlp": ("classify",),
    "epochs": ("heads", "finetune", "decode"),
    "rates": ("heads",),
    "last": ("heads",),
    "set": ("finetune",),
    "others": ("rank",),
    "masks": ("patches",),
    "videos": ("vos",),
    "frame_size": ("vos",),
    "context": ("vos",),
    "radius": ("vos",),
    "topk": ("vos",),
    "temperature": ("vos",),
}
"""Flags that only some of our tasks read: for another of ours they are a mistake."""
