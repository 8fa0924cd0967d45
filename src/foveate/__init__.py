"""foveate: one workbench for the whole life of a visual representation.

Every command of ``foveate --help`` is a function here and returns the same report::

    import foveate

    report = foveate.probe("timm:resnet18.a1_in1k", "folder:photos", taps=("pooled",))
    report.metrics["knn.accuracy"].value

Below the verbs: ``foveate.load_data(address)``, ``foveate.load_encoder(address)`` and ``foveate.embed_features(…)``
give tables, encoders and features to one's own code, ``foveate.Environment(…)`` pictures of a scene as it changes it.
Importing the package imports none of torch, timm or numpy.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

# What one's own code builds on: name → lazy target.
_PIECES = {
    "FoveateError": "foveate.core.errors:FoveateError",
    "Report": "foveate.reporting.record:Report",
    "Environment": "foveate.rendering.environment:Environment",
    "load_data": "foveate.data.load:load",
    "load_encoder": "foveate.encoders.load:load",
    "embed_features": "foveate.features.embed:embed",
}


def _cli() -> Any:
    """The table of verbs. Not ``from foveate import cli``: that asks ``__getattr__`` first, which asks here."""
    import importlib

    return importlib.import_module("foveate.cli")


def _load(target: str) -> Any:
    from foveate.core.registry import load_target

    return load_target(target)


def __getattr__(name: str) -> Any:
    cli = _cli()
    if name in _PIECES:
        return _load(_PIECES[name])
    if name in cli.VERBS:
        return _verb(name)
    raise AttributeError(f"module 'foveate' has no attribute '{name}'")


def __dir__() -> list[str]:
    cli = _cli()
    return sorted([*globals(), *_PIECES, *cli.VERBS])


def _verb(name: str) -> Any:
    """A verb as a function whose signature and documentation are those of its configuration."""
    import inspect

    cli = _cli()
    config = _load(cli.VERBS[name].config)

    def verb(*args: Any, **kwargs: Any) -> Any:
        return cli.call(name, *args, **kwargs)

    kinds = inspect.Parameter
    parameters = [
        p.replace(kind=kinds.POSITIONAL_OR_KEYWORD if "Positional" in str(p.annotation) else kinds.KEYWORD_ONLY)
        for p in inspect.signature(config).parameters.values()
    ]
    parameters.sort(key=lambda p: p.kind)  # positional ones first, otherwise in their order
    verb.__name__ = verb.__qualname__ = name
    verb.__doc__ = config.__doc__
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return verb
