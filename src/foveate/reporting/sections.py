"""What a section of a report is made of. All of it is data: a verb adds sections, never a template.

Every block turns into JSON (``to_json``) and comes back from it (``block_from_json``) unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Literal

from foveate.core.findings import Metric
from foveate.reporting.numbers import plain

Kind = Literal["text", "code", "number", "interval", "verdict"]
Word = Literal["reproduced", "not reproduced", "inconclusive", "PASS", "FAIL", "INCONCLUSIVE"]
VERDICTS = ("reproduced", "not reproduced", "inconclusive", "PASS", "FAIL", "INCONCLUSIVE")


@dataclass(frozen=True)
class Text:
    """Paragraphs, parted by blank lines; `backticks` make code. Never HTML.

    Attributes:
        tone: ``plain``, or ``note`` and ``warning`` for a paragraph that must not be overlooked.
    """

    text: str
    tone: Literal["plain", "note", "warning"] = "plain"
    kind: ClassVar[str] = "text"


@dataclass(frozen=True)
class Column:
    """A table's column.

    Attributes:
        kind: how its cells are set; ``None`` is decided by what stands in them.
        digits: decimals of its numbers. note: what the column is, shown on hover.
    """

    name: str
    kind: Kind | None = None
    digits: int = 3
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under named columns: sortable on the page, downloadable as CSV and LaTeX.

    Attributes:
        columns: names, or ``Column`` where more is to be said.
        rows: cells are text, numbers, None, or an ``Estimate``/``Metric``, which is shown with its interval.
        caption: one sentence that stands above. id: names the downloads and links; made from the caption if empty.
    """

    columns: Sequence[Column | str]
    rows: Sequence[Sequence[Any]]
    caption: str = ""
    id: str = ""
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        rows = [[cell(value) for value in row] for row in self.rows]
        columns = [item if isinstance(item, Column) else Column(item) for item in self.columns]
        for row in rows:
            assert len(row) == len(columns), f"a row of {len(row)} cells under {len(columns)} columns"
        settled = [
            column if column.kind else replace(column, kind=_kind_of([row[index] for row in rows]))
            for index, column in enumerate(columns)
        ]
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "columns", settled)
        object.__setattr__(self, "id", self.id or slug(self.caption) or "table")


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite chart; the constructors in ``foveate.reporting.charts`` make the usual ones.

    Attributes:
        spec: a Vega-Lite specification, or an altair chart. Width and colours of the frame are left to the page.
        alt: what the chart shows, in words, for those who cannot see it.
        caption: one sentence that stands below.
    """

    spec: dict[str, Any]
    alt: str
    caption: str = ""
    id: str = ""
    kind: ClassVar[str] = "chart"

    def __post_init__(self) -> None:
        spec = self.spec if isinstance(self.spec, Mapping) else self.spec.to_dict()
        object.__setattr__(self, "spec", plain(spec))
        object.__setattr__(self, "id", self.id or slug(self.caption or self.alt) or "chart")


@dataclass(frozen=True)
class Box:
    """A rectangle on a picture, in shares of its width and height."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: str = ""


@dataclass(frozen=True)
class Picture:
    """An image that travels inside the report; ``foveate.reporting.galleries.picture`` makes one from pixels.

    Attributes:
        src: a ``data:image/…`` address. width, height: of the image in it, px.
        caption, note: what stands below it, in ink and in grey. alt: the image in words.
        group: pictures of one exhibit with the same group stand together under its name.
    """

    src: str
    width: int
    height: int
    caption: str = ""
    note: str = ""
    alt: str = ""
    boxes: Sequence[Box] = ()
    group: str = ""

    def __post_init__(self) -> None:
        assert self.src.startswith("data:image/"), "a picture travels inside the report"
        object.__setattr__(self, "boxes", tuple(Box(**box) if isinstance(box, Mapping) else box for box in self.boxes))


@dataclass(frozen=True)
class Exhibit:
    """Pictures that belong together in one line: an image, its crop, its neighbours under each encoder."""

    title: str
    pictures: Sequence[Picture]
    note: str = ""

    def __post_init__(self) -> None:
        pictures = tuple(Picture(**item) if isinstance(item, Mapping) else item for item in self.pictures)
        object.__setattr__(self, "pictures", pictures)


@dataclass(frozen=True)
class Gallery:
    """Pictures in a grid, or exhibits line by line; a click enlarges one."""

    items: Sequence[Picture | Exhibit]
    caption: str = ""
    id: str = ""
    kind: ClassVar[str] = "gallery"

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(_item(item) for item in self.items))
        object.__setattr__(self, "id", self.id or slug(self.caption) or "gallery")


@dataclass(frozen=True)
class Verdict:
    """A sentence that was put to the test and what came out, set apart from the rest.

    Attributes:
        verdict: ``reproduced``, ``not reproduced``, ``inconclusive``, ``PASS``, ``FAIL`` or ``INCONCLUSIVE``.
        claim: the sentence. because: the numbers in words.
    """

    verdict: Word
    claim: str
    because: str = ""
    kind: ClassVar[str] = "verdict"


Block = Text | Table | Chart | Gallery | Verdict
_BLOCKS: dict[str, Any] = {block.kind: block for block in (Text, Table, Chart, Gallery, Verdict)}


@dataclass(frozen=True)
class Section:
    """A titled part of a report.

    Attributes:
        lead: the section's answer in one sentence. blocks: what backs it, in order.
    """

    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
    lead: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))
        object.__setattr__(self, "id", self.id or slug(self.title) or "section")

    def to_json(self) -> dict[str, Any]:
        blocks = [{"kind": block.kind, **plain(asdict(block))} for block in self.blocks]
        return {"title": self.title, "lead": self.lead, "id": self.id, "blocks": blocks}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Section:
        return cls(**{**record, "blocks": [block_from_json(block) for block in record["blocks"]]})


def block_from_json(record: Mapping[str, Any]) -> Block:
    """The block that ``to_json`` wrote."""
    fields = {key: value for key, value in record.items() if key != "kind"}
    if record["kind"] == "table":
        fields["columns"] = [Column(**column) for column in fields["columns"]]
    return _BLOCKS[record["kind"]](**fields)


def cell(value: Any) -> Any:
    """A table's cell as JSON holds it. An estimate becomes ``{value, low, high, n}``; all None when it is not finite."""
    if hasattr(value, "_fields") and {"value", "low", "high", "n"} <= set(value._fields):
        value = Metric.of(value)
    record = plain(value)
    if isinstance(record, dict):
        assert "value" in record, "a cell is text, a number, None or an estimate"
        kept = {key: record.get(key) for key in ("value", "low", "high")}
        if any(item is None for item in kept.values()):
            kept = dict.fromkeys(kept)
        return kept | {key: record[key] for key in ("n", "over", "chance") if record.get(key) is not None}
    return record if record is None or isinstance(record, bool | int | float) else str(record)


def slug(text: str) -> str:
    """Text as a file name and a link: ``kNN by layer`` → ``knn-by-layer``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:48].strip("-")


def _kind_of(cells: Sequence[Any]) -> Kind:
    present = [item for item in cells if item is not None]
    if present and all(isinstance(item, dict) for item in present):
        return "interval"
    if present and all(isinstance(item, dict | int | float) for item in present):
        return "interval" if any(isinstance(item, dict) for item in present) else "number"
    return "verdict" if present and all(item in VERDICTS for item in present) else "text"


def _item(item: Any) -> Picture | Exhibit:
    if not isinstance(item, Mapping):
        return item
    return Exhibit(**item) if "pictures" in item else Picture(**item)
