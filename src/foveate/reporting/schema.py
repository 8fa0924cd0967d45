"""The JSON Schema of ``report.json``, and the check that every report passes when it is written and when it is read."""

from __future__ import annotations

import re
from typing import Any

from foveate.core.errors import FoveateError
from foveate.reporting.sections import VERDICTS

NAME = "foveate.report"
VERSION = 1
KEY = r"^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+(@[^\s@/]+)?(/\S(.*\S)?)?$"

_NUMBER: Any = {"type": ["number", "null"]}
_TEXT: Any = {"type": "string"}
_ESTIMATE: dict[str, Any] = {
    "value": _NUMBER,
    "low": _NUMBER,
    "high": _NUMBER,
    "n": {"type": "integer", "minimum": 0},
    "over": _TEXT,
    "chance": _NUMBER,
}
_FINITE = {name: {"type": "number"} for name in ("value", "low", "high")}
_ABSENT = {name: {"type": "null"} for name in ("value", "low", "high")}


def _record(required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
        **more,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


# value, low and high are all numbers or all null: an estimate without its interval is no estimate.
_WHOLE: dict[str, Any] = {"oneOf": [{"properties": _FINITE}, {"properties": _ABSENT}]}
_METRIC = _record(_ESTIMATE, **_WHOLE)
_CELL = {
    "oneOf": [
        {"type": ["string", "number", "boolean", "null"]},
        _record(dict.fromkeys(_FINITE, _NUMBER), {name: _ESTIMATE[name] for name in ("n", "over", "chance")}, **_WHOLE),
    ]
}
_COLUMN = _record(
    {
        "name": _TEXT,
        "kind": {"enum": ["text", "code", "number", "interval", "verdict"]},
        "digits": {"type": "integer", "minimum": 0, "maximum": 12},
        "note": _TEXT,
    }
)
_BOX = _record({**{side: {"type": "number"} for side in ("x0", "y0", "x1", "y1")}, "label": _TEXT})
_PICTURE = _record(
    {
        # Nothing else may be asked for by an <img>: the page must never reach for the network or the disk.
        "src": {"type": "string", "pattern": r"^data:image/(png|webp|jpeg|svg\+xml);base64,[A-Za-z0-9+/=]+$"},
        "width": {"type": "integer", "minimum": 1},
        "height": {"type": "integer", "minimum": 1},
        "caption": _TEXT,
        "note": _TEXT,
        "alt": _TEXT,
        "boxes": _list(_BOX),
        "group": _TEXT,
    }
)
_EXHIBIT = _record({"title": _TEXT, "pictures": _list(_PICTURE), "note": _TEXT})
_VERDICT = {"enum": list(VERDICTS)}
_BLOCKS = {
    "text": {"text": _TEXT, "tone": {"enum": ["plain", "note", "warning"]}},
    "table": {"columns": _list(_COLUMN), "rows": _list(_list(_CELL)), "caption": _TEXT, "id": _TEXT},
    "chart": {"spec": {"type": "object"}, "alt": {"type": "string", "minLength": 1}, "caption": _TEXT, "id": _TEXT},
    "gallery": {"items": _list({"oneOf": [_PICTURE, _EXHIBIT]}), "caption": _TEXT, "id": _TEXT},
    "verdict": {"verdict": _VERDICT, "claim": _TEXT, "because": _TEXT},
}
_SECTION = _record(
    {
        "title": _TEXT,
        "lead": _TEXT,
        "id": _TEXT,
        "blocks": _list({"oneOf": [_record({"kind": {"const": kind}, **body}) for kind, body in _BLOCKS.items()]}),
    }
)
_FINDING = _record(
    {
        **dict.fromkeys(("id", "claim", "source", "statistic", "over", "note"), _TEXT),
        **dict.fromkeys(_FINITE, _NUMBER),
        "n": {"type": "integer", "minimum": 0},
        "null": {"type": "number"},
        "threshold": {"type": "number"},
        "control": _record({"name": _TEXT, **dict.fromkeys(_FINITE, _NUMBER)}),
        "verdict": {"enum": ["reproduced", "not reproduced", "inconclusive"]},
    },
    **_WHOLE,
)
_HEADLINE = _record(
    {
        "metric": _TEXT,
        "label": _TEXT,
        "controls": _list(_record({"label": _TEXT, "metric": _TEXT})),
        "better": {"enum": ["higher", "lower", ""]},
    },
    {"group": _TEXT},
)
_SKIPPED = _record({"id": _TEXT, "reason": _TEXT})
_REQUIRED = {
    "schema": {"const": f"{NAME}/{VERSION}"},
    "verb": {"type": "string", "minLength": 1},
    "title": _TEXT,
    "created": _TEXT,
    "command": _TEXT,
    "config": {"type": "object"},
    "environment": {"type": "object"},
    "inputs": {"type": "object"},
    "metrics": {"type": "object", "propertyNames": {"pattern": KEY}, "additionalProperties": _METRIC},
    "findings": _list(_FINDING),
    "skipped": _list(_SKIPPED),
    "sections": _list(_SECTION),
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A report of foveate",
    **_record(
        _REQUIRED,
        {
            "answer": _TEXT,
            "verdict": {"enum": ["PASS", "FAIL", "INCONCLUSIVE"]},
            "headlines": _list(_HEADLINE),
            # Other reports, whole, that this one joins.
            "runs": _list(_record({"name": _TEXT, "report": {"$ref": "#"}})),
        },
    ),
}


def check_key(key: str) -> str:
    """The key back, if it follows ``METHOD.QUANTITY[@TAP][/SLICE]``.

    Raises:
        FoveateError: it does not.
    """
    if not re.fullmatch(KEY, key):
        raise FoveateError(
            f"'{key}' is not a metric's key.",
            "write METHOD.QUANTITY[@TAP][/SLICE] in lower case, e.g. knn.accuracy@blocks.5:mean/class=boat",
        )
    return key


def validate(record: Any, *, where: str) -> dict[str, Any]:
    """The record back, if it is a report that this version of foveate can read.

    Args:
        where: the file's name, for the message.

    Raises:
        FoveateError: another kind of file, a report of a newer foveate, or a report that breaks the schema.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    name, _, version = str(record.get("schema", "")).partition("/") if isinstance(record, dict) else ("", "", "")
    if name != NAME or not version.isdigit():
        raise FoveateError(f"{where} is not a report of foveate.", "give a run folder, or the report.json in one")
    if int(version) > VERSION:
        raise FoveateError(
            f"{where} was written by a newer foveate (report version {version}; this one reads {VERSION}).",
            "upgrade foveate: pip install --upgrade foveate",
        )
    if error := best_match(Draft202012Validator(SCHEMA).iter_errors(record)):
        place = "/".join(map(str, error.absolute_path)) or "its top level"
        raise FoveateError(
            f"{where} is damaged: at {place}, {error.message[:160]}.",
            "restore the file, or run the command again into another --out",
        )
    return record
