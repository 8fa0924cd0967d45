"""The visible list of audit modes."""

from foveate.core.registry import Registry

MODES = Registry(
    "audit mode",
    {
        "two-model": "foveate.auditing.two_model:reference",
        "one-model": "foveate.auditing.one_model:reference",
    },
)
