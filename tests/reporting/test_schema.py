from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from foveate.core.errors import FoveateError
from foveate.reporting.record import Report
from foveate.reporting.schema import SCHEMA, check_key, validate


def test_the_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "key",
    [
        "linear.accuracy",
        "knn.accuracy@blocks.5:mean",
        "cka.similarity@stages.2~blocks.11:cls/A-B",
        "linear.accuracy@pooled/class=t-shirt, red",
        "dejavu.held-out",
        "lowshot.accuracy/k=5/run",
        "mutual-knn.similarity",
    ],
)
def test_keys_of_the_grammar(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key",
    ["accuracy", "Linear.accuracy", "linear.", ".accuracy", "a.b@", "a.b@x y", "a.b/", "a.b/ x", "a b.c", "a.b\n"],
)
def test_keys_outside_it_are_refused_with_the_grammar(key: str) -> None:
    with pytest.raises(FoveateError, match="METHOD.QUANTITY"):
        check_key(key)


def _set(record: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    record = copy.deepcopy(record)
    *way, last = path.split("|")
    inner: Any = record
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = value
    return record


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metrics|linear.pixels|low", None),  # an interval with one end
        ("metrics|linear.pixels|n", -1),
        ("metrics|bad key", {}),
        ("findings|0|verdict", "maybe"),
        ("findings|0|high", None),
        ("verdict", "pass"),
        ("sections|3|blocks|1|items|0|src", "https://example.org/a.png"),
        ("sections|3|blocks|1|items|0|src", "data:text/html;base64,AAAA"),
        ("sections|0|blocks|1|kind", "script"),
        ("sections|0|blocks|1|alt", ""),
        ("unknown", 1),
    ],
)
def test_a_record_that_breaks_the_schema_is_named_by_file_and_place(rich: Report, path: str, value: Any) -> None:
    record = rich.to_json()
    assert validate(record, where="x/report.json") == record
    with pytest.raises(FoveateError, match=r"x/report\.json is damaged: at ") as caught:
        validate(_set(record, path, value), where="x/report.json")
    assert len(caught.value.what) < 600


def test_a_newer_report_asks_for_a_newer_foveate(rich: Report) -> None:
    with pytest.raises(FoveateError, match="newer foveate") as caught:
        validate(_set(rich.to_json(), "schema", "foveate.report/2"), where="report.json")
    assert "upgrade" in caught.value.remedy


@pytest.mark.parametrize(
    "record", [[], 3, None, {}, {"schema": "other/1"}, {"schema": "foveate.report/x"}, {"schema": 1}]
)
def test_another_file_is_not_taken_for_a_report(record: Any) -> None:
    with pytest.raises(FoveateError, match="is not a report of foveate"):
        validate(record, where="a.json")
