"""The command line: one table of verbs. Imports nothing heavy, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from foveate.core.registry import load_target


class Verb(NamedTuple):
    """A command and, under the same name, a function of the package.

    ``config`` and ``run`` are lazy ``module:attribute`` targets: the first holds the flags and imports nothing heavy,
    the second does the work.
    """

    summary: str
    config: str
    run: str


VERBS: dict[str, Verb] = {
    "demo": Verb(
        "the whole journey on built-in images: pretrain, probe, compare, audit, one report",
        "foveate.studies.demo_config:Demo",
        "foveate.studies.demo:run",
    ),
    "render": Verb(
        "photorealistic pictures in which every factor is chosen, with exact masks, depth and captions",
        "foveate.rendering.config:Render",
        "foveate.rendering.verb:run",
    ),
    "pretrain": Verb(
        "train an encoder on images without (or with) labels",
        "foveate.pretraining.config:Pretrain",
        "foveate.pretraining.verb:run",
    ),
    "embed": Verb(
        "compute features once, and keep them",
        "foveate.features.config:Embed",
        "foveate.features.verb:run",
    ),
    "probe": Verb(
        "measure what an encoder is good for, beside its controls",
        "foveate.probing.config:Probe",
        "foveate.probing.verb:run",
    ),
    "compare": Verb(
        "what encoders have in common, layer by layer",
        "foveate.comparing.config:Compare",
        "foveate.comparing.verb:run",
    ),
    "audit": Verb(
        "what an encoder memorised of its training images",
        "foveate.auditing.config:Audit",
        "foveate.auditing.verb:run",
    ),
    "study": Verb(
        "re-run a published claim: reproduced, not reproduced or inconclusive",
        "foveate.studies.config:StudyConfig",
        "foveate.studies.verb:run",
    ),
    "report": Verb(
        "join the reports of several runs and show what differs",
        "foveate.reporting.config:ReportConfig",
        "foveate.reporting.verb:run",
    ),
    "convert": Verb(
        "turn a checkpoint of tensors into safetensors",
        "foveate.encoders.convert_config:Convert",
        "foveate.encoders.convert:run",
    ),
    "doctor": Verb(
        "this machine, what is installed, the cache, and what mends what is missing",
        "foveate.core.doctor_config:Doctor",
        "foveate.core.doctor:run",
    ),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command. Exit code 0, 2 for what the user can mend (what and remedy on stderr), 130 when interrupted."""
    _open_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_help())
        return 0
    if arguments[0] in {"-V", "--version", "version"}:
        from foveate import __version__

        print(f"foveate {__version__}")
        return 0
    from foveate.core.errors import FoveateError, nearest

    try:
        name, rest = arguments[0], arguments[1:]
        if name not in VERBS:
            raise FoveateError(f"unknown command '{name}'.", nearest(name, VERBS))
        config = parse(name, rest)
        _quieten()
        return _run(name, config)
    except FoveateError as error:
        return _complain(error)
    except KeyboardInterrupt:
        print(
            "interrupted: nothing is lost; run the same command again, with --resume where it has it, to go on",
            file=sys.stderr,
        )
        return 130
    except BrokenPipeError:
        return 141
    except Exception as error:
        from foveate.core.errors import is_out_of_memory
        from foveate.core.files import explain

        known = explain(error) if isinstance(error, OSError) else None
        if is_out_of_memory(error):
            known = FoveateError(
                "there is not enough memory for it.",
                "take fewer rows (DATA[0:N]), a smaller --batch or --batch-size, or raise the limit (ulimit -v)",
            )
        if isinstance(error, RuntimeError) and any(word in str(error) for word in ("gloo", "NCCL", "closed by peer")):
            known = FoveateError("another process of this run has ended.", "start all of them again with --resume")
        if known is None:
            raise
        return _complain(known)


def parse(name: str, arguments: list[str]) -> Any:
    """The configuration of a verb from its command-line arguments.

    Raises:
        FoveateError: arguments that do not fit; the parser's own words in one line.
        SystemExit: after ``--help``, with code 0.
    """
    import contextlib
    import io

    import tyro

    from foveate.core.errors import FoveateError

    words = io.StringIO()
    try:
        with contextlib.redirect_stderr(words):
            return tyro.cli(
                load_target(VERBS[name].config),
                prog=f"foveate {name}",
                args=_joined(name, arguments),
                config=(
                    tyro.conf.OmitArgPrefixes,
                    tyro.conf.PositionalMetavarFromFieldName,
                    tyro.conf.FlagCreatePairsOff,
                ),
            )
    except SystemExit as stop:
        if not stop.code:
            raise
        raise FoveateError(_condense(words.getvalue(), name), f"run: foveate {name} --help") from None


def _joined(name: str, arguments: list[str]) -> list[str]:
    """A flag that takes several values and stands twice takes all of them: ``--set a --set b`` is ``--set a b``.

    argparse would keep the last ones without a word.
    """
    import dataclasses

    fields = dataclasses.fields(load_target(VERBS[name].config))
    lists = {f"--{field.name.replace('_', '-')}" for field in fields if "tuple[" in str(field.type)}
    parts: list[list[str]] = [[]]  # what goes before the flags, then each flag with its values
    known: dict[str, list[str]] = {}
    part = parts[0]
    for word in arguments:
        flag = word.partition("=")[0].replace("_", "-") if word.startswith("--") else ""
        if flag in known:
            part = known[flag]
        elif flag:
            part = [flag] if flag in lists else []
            parts.append(part)
            if flag in lists:
                known[flag] = part
        if flag not in lists:
            part.append(word)
        elif "=" in word:
            part.append(word.partition("=")[2])
    return [word for part in parts for word in part]


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """Run a verb from Python: positional arguments as on the command line, flags as keywords."""
    import dataclasses

    from foveate.core.errors import FoveateError, nearest

    config = load_target(VERBS[name].config)
    fields = {field.name: str(field.type) for field in dataclasses.fields(config)}
    positional = [field for field, kind in fields.items() if "Positional" in kind]
    if len(args) > len(positional):
        raise FoveateError(
            f"foveate.{name} takes {len(positional)} positional arguments, not {len(args)}.",
            f"they are: {', '.join(positional)}",
        )
    given = dict(zip(positional, args, strict=False)) | kwargs
    for key in given:
        if key not in fields:
            raise FoveateError(f"foveate.{name} has no argument '{key}'.", nearest(key, fields))
    settings = {key: _as_declared(value, fields[key]) for key, value in given.items()}
    needed = [
        f.name
        for f in dataclasses.fields(config)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing := [key for key in needed if key not in settings]:
        raise FoveateError(f"foveate.{name} needs {', '.join(missing)}.", f"see help(foveate.{name})")
    return load_target(VERBS[name].run)(config(**settings))


def _as_declared(value: Any, kind: str) -> Any:
    """Lists and single words where a tuple is declared, paths where a string is."""
    import os

    if "tuple[" in kind and value is not None:
        return (value,) if isinstance(value, str | int | float) else tuple(value)
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _run(name: str, config: Any) -> int:
    """Do the work with stdout kept clean: ``--json`` prints the report there and nothing else does."""
    import contextlib
    import json

    with contextlib.redirect_stdout(sys.stderr):
        report = load_target(VERBS[name].run)(config)
        print(report.summary(), file=sys.stderr)
    if config.json:
        text = json.dumps(report.to_json(), indent=2, allow_nan=False, ensure_ascii=False)
        print(text.encode("utf-8", "backslashreplace").decode(), flush=True)
    return 0


def _open_streams() -> None:
    """Where a shell has closed stdout or stderr, what is meant for them goes nowhere, and no file takes their number."""
    import os

    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(spare)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace"))


def _complain(error: Any) -> int:
    print(f"error: {error.what}\nremedy: {error.remedy}", file=sys.stderr)
    return int(error.exit_code)


def _condense(box: str, name: str) -> str:
    """The parser's box of several lines as one sentence."""
    import re

    lines = [line.strip() for line in re.sub(r"[─╭╮╰╯│]", " ", box).splitlines()]
    body = [line for line in lines[1:] if line and not set(line) <= {"-"}]
    kept = []
    for line in body:
        if line.startswith(("For full helptext", "Argument helptext")):
            break
        kept.append("did you mean" if line.startswith("Perhaps you meant") else line)
    return " ".join(kept).replace(f" from foveate {name}", "") or f"the arguments of foveate {name} do not fit."


def _quieten() -> None:
    """Other libraries' warnings, logs and bars are not for our users' stderr."""
    import logging
    import os
    import warnings

    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def _help() -> str:
    width = max(map(len, VERBS))
    rows = "\n".join(f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items())
    return (
        "usage: foveate VERB …        foveate VERB --help\n\n"
        "One workbench for the whole life of a visual representation.\n\n"
        f"{rows}\n\n"
        "Things are named by addresses, SCHEME:NAME, e.g.\n"
        "  data      folder:photos  parquet:rows.parquet  wds:shards-{000..009}.tar  builtin:digits\n"
        "  encoders  timm:resnet50.a1_in1k  open_clip:ViT-B-32/laion2b_s34b_b79k  run:runs/mine  foveate:resnet9\n\n"
        "Start with: foveate demo"
    )


if __name__ == "__main__":
    sys.exit(main())
