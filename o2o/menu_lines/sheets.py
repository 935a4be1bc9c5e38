"""Excel workbooks, opened only after everything inside was measured and found harmless."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from o2o.kernel.errors import BadInput
from o2o.menu_lines.cells import Odd, Row
from o2o.menu_lines.faults import refuse

# A menu of 4,000 lines is some 3 MB of XML in 150,000 elements; what a file may grow to in memory follows from these.
MOST_INSIDE = 12 * 1024 * 1024
MOST_PARTS = 400
MOST_ELEMENTS = 400_000
# Styles, names and relations cost the reader many times as much as cells do.
MOST_ELSEWHERE = 40_000
MOST_MERGED = 100_000
MOST_COLUMNS = 60
LAST_ROW = 1_048_576
CHUNK = 64 * 1024
DATA = ("worksheet", "sst")


class _Part:
    """What one XML part of a workbook holds, counted as it streams by."""

    def __init__(self) -> None:
        self.root = ""
        self.elements = 0
        self.merged: list[str] = []

    def count(self, stream: Any) -> None:
        """Read a part to its end, or to where it is no XML; BadInput for one that brings a document type."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk)
        except expat.ExpatError:
            # A picture, or XML that the reader below will not take either.
            return

    def _doctype(self, *_ignored: Any) -> None:
        raise refuse("dtd")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        tag = name.rsplit(" ", 1)[-1]
        self.root = self.root or tag
        if self.elements > (MOST_ELEMENTS if self.root in DATA else MOST_ELSEWHERE):
            raise refuse("bomb")
        if tag == "mergeCell":
            self.merged.append(attributes.get("ref", ""))


def rows(data: bytes) -> Iterator[Row]:
    """Yield the rows of a workbook's first sheet that is shown and holds any; formulas come as their last results.

    Raises BadInput: not_a_sheet (415), locked, damaged, bomb, dtd.
    """
    merged = _inspected(data)
    # openpyxl takes a quarter of a second to import; only this needs it.
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            # What is hidden is no menu: old prices, lists to choose from, what a program keeps for itself.
            for sheet in [one for one in book.worksheets if one.sheet_state == "visible"]:
                # What a sheet says of its own size is often wrong.
                sheet.reset_dimensions()
                found = list(_rows(sheet, _areas(merged.get(sheet._worksheet_path.lstrip("/"), []))))
                if found:
                    return iter(found)
        finally:
            book.close()
    except BadInput:
        raise
    except Exception as error:
        raise refuse("damaged") from error
    return iter(())


def _inspected(data: bytes) -> dict[str, list[str]]:
    """Measure every part before any is parsed for good; return the merged areas of each."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if any(info.flag_bits & 1 for info in infos):
                raise refuse("locked")
            if "xl/workbook.xml" not in {info.filename for info in infos}:
                raise refuse("not_a_sheet")
            # The reader below stops at the declared size, so that a lie about it hides nothing.
            if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_INSIDE:
                raise refuse("bomb")
            parts = {info.filename: _Part() for info in infos}
            for info in infos:
                with archive.open(info) as stream:
                    parts[info.filename].count(stream)
    except BadInput:
        raise
    except Exception as error:
        raise refuse("damaged") from error
    if sum(part.elements for part in parts.values()) > MOST_ELEMENTS:
        raise refuse("bomb")
    return {name: part.merged for name, part in parts.items()}


def _areas(refs: list[str]) -> dict[tuple[int, int], tuple[int, int]]:
    """Map each cell of a merged area but the first to the first."""
    from openpyxl.utils import range_boundaries

    found: dict[tuple[int, int], tuple[int, int]] = {}
    for ref in refs:
        left, top, right, bottom = range_boundaries(ref)
        if (bottom - top + 1) * (min(right, MOST_COLUMNS) - left + 1) + len(found) > MOST_MERGED:
            raise refuse("bomb")
        for row in range(top, bottom + 1):
            found |= {(row, column): (top, left) for column in range(left, min(right, MOST_COLUMNS) + 1)}
        found.pop((top, left), None)
    return found


def _rows(sheet: Any, areas: dict[tuple[int, int], tuple[int, int]]) -> Iterator[Row]:
    first = set(areas.values())
    gap = None
    kept: dict[tuple[int, int], Any] = {}
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > LAST_ROW:
            raise refuse("bomb")
        # One stray cell far below brings the same empty row a million times.
        if cells is gap:
            continue
        values = []
        for column, cell in enumerate(cells, 1):
            value = Odd("error", cell.value) if cell.data_type == "e" else cell.value
            if (number, column) in first:
                kept[number, column] = value
            if (number, column) in areas:
                value = Odd("merged", kept.get(areas[number, column]))
            values.append(value)
        while values and values[-1] is None:
            values.pop()
        if values:
            yield Row(number, values)
        else:
            gap = cells
