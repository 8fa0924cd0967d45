"""The visible list of tasks that an encoder can be probed with."""

from foveate.core.registry import Registry

TASKS = Registry(
    "probe task",
    {
        "classify": "foveate.probing.classify:run",
        "heads": "foveate.probing.heads:run",
        "finetune": "foveate.probing.finetune:run",
        "patches": "foveate.probing.patches:run",
        "rank": "foveate.probing.rank:run",
        "factors": "foveate.probing.factors:run",
        "vos": "foveate.probing.vos:run",
    },
)
