"""A file's bytes as rows of cells: told apart by what is inside, never by the file's name."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

from o2o.menu_lines import sheets
from o2o.menu_lines.cells import Row, is_blank
from o2o.menu_lines.columns import HEADER_WITHIN, score
from o2o.menu_lines.faults import MOST_BYTES, refuse
from o2o.menu_lines.lines import MOST_LINES

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SEPARATORS = ",;\t"


def read(data: bytes) -> list[Row]:
    """Return the rows of a CSV file or workbook that are not blank; call it with no transaction open.

    Raises BadInput with field "file" when the whole file cannot be taken; see faults.FILES.
    """
    if len(data) > MOST_BYTES:
        raise refuse("file_large")
    if not data.strip(b" \t\r\n\0"):
        raise refuse("empty")
    if data.startswith(OLE):
        # A locked .xlsx is such a file too, and names the part that holds it in UTF-16.
        raise refuse("locked" if "EncryptedPackage".encode("utf-16-le") in data else "old_excel")
    found = sheets.rows(data) if data.startswith(ZIP) else _rows(_decoded(data))
    rows = []
    for row in found:
        if row.fault or not all(is_blank(cell) for cell in row.cells):
            rows.append(row)
        if len(rows) > MOST_LINES + HEADER_WITHIN:
            raise refuse("too_many_rows")
    if not rows:
        raise refuse("empty")
    return rows


def _decoded(data: bytes) -> str:
    """Decode by the mark at the beginning, else as UTF-8, else as GB 18030, which Chinese Windows writes."""
    marked = next((name for mark, name in BOMS.items() if data.startswith(mark)), None)
    if marked is None and b"\0" in data:
        raise refuse("not_a_sheet")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<")):
        raise refuse("not_a_sheet")
    for name in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise refuse("encoding")


def _rows(text: str) -> Iterator[Row]:
    lines = list(io.StringIO(text, newline=""))

    def looks(separator: str) -> int:
        return max((score(row.cells) for row in islice(_records(lines, separator), HEADER_WITHIN)), default=0)

    return _records(lines, max(SEPARATORS, key=looks))


def _records(lines: list[str], separator: str) -> Iterator[Row]:
    """Yield the records of a CSV text; one that is broken takes its first line only, so that the next can be read."""
    start = number = 0
    while start < len(lines):
        reader = csv.reader(islice(lines, start, None), delimiter=separator, strict=True)
        begun = 0
        try:
            for cells in reader:
                number += 1
                begun = reader.line_num
                yield Row(number, list(cells), is_padded=False)
            return
        except csv.Error as error:
            number += 1
            line = lines[start + begun]
            is_long = "field limit" in str(error) and line.count('"') % 2 == 0
            yield Row(number, [line.strip()], fault="cell_long" if is_long else "quote")
            start += begun + 1
