"""A menu as somebody types, pastes or says it, one dish a line: read by rule, whatever is doubtful named and left out.

A line ends in its price: 宫保鸡丁 38, Latte large ¥28, 牛肉面（大碗）32元/份. A currency beside a number says that
it is the price; without one only a number that stands apart is. Several dishes may share a line where a comma parts
them, and a dish may have several sizes, each with its price. A line that ends in a colon is a heading.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from o2o.kernel.money import AmountRefused, parse_money
from o2o.menu_lines.cells import FORMULA, GARBLED
from o2o.menu_lines.faults import LONGEST_LINE, Fault, no_text
from o2o.menu_lines.lines import LONGEST, MOST_LINES, Line, key, tidy
from o2o.menu_lines.weighing import Brought, Unfit, Weighed
from o2o.said_menus import amounts
from o2o.said_menus.amounts import PER, RANGE, SIZE, Price, plain

LEADERS = re.compile(r"[.．。·…_]{2,}|…")
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
BULLET = re.compile(
    r"^(?:[-–—•·●○■□▪*＊+＋>]\s+|[•·●○■□▪]|[(（]?\d{1,3}(?:[、)）]\s*|[.．](?!\d)\s*)(?=\S))+"
)
# What stands between a name and its price and is neither.
PARTING = " ,，、;；。:：|｜=＝-–—~～.…·•_*\t"
CUT = re.compile(r"[,、;。|]")
HEADING = re.compile(
    r"#+\s*(?P<a>.+?)\s*#*|[【\[「『《](?P<b>[^】\]」』》]+)[】\]」』》]|(?P<c>.+?)\s*[:：]|"
    r"(?P<fence>[-=~*_—]+)\s*(?P<d>[^-=~*_—].*?)\s*(?P=fence)"
)
LONGEST_HEADING = 24
# Name, English name and size together.
LONGEST_NAME = 320
ASKED = re.compile(
    r"[\s,，:：(（]*(?:时价|面议|询价|议价|(?<![A-Za-z])(?:ask for the price|ask|on request|market price))[)）]?",
    re.I,
)
FREE = re.compile(r"[\s,，:：(（]*免费[)）]?")
NOTE = re.compile(r"\s*[(（]([^()（）]+)[)）]\s*")
HAN, WORD = r"[\u3400-\u9fff\uf900-\ufaff]", r"[A-Za-z][a-z]{2,}"
_ENGLISH, _APART = rf"[^\u3400-\u9fff]*{WORD}[^\u3400-\u9fff]*", r"[\s/／|｜,，(（]+"
TWO_NAMES = re.compile(rf"(?P<zh>[^A-Za-z]*{HAN}[^A-Za-z]*?){_APART}(?P<en>{_ENGLISH})")
TURNED = re.compile(rf"(?P<en>{_ENGLISH}?){_APART}(?P<zh>{HAN}[^A-Za-z]*)")


class Read(NamedTuple):
    """What one line says: its dishes, and a number in a name that may have been meant as the price."""

    lines: list[Line]
    other: str = ""


def weigh_text(text: str, currency: str) -> Weighed:
    """Read a text line by line; each line is dishes, a heading, empty, or a fault that names it.

    Raises BadInput with field "text" for one without any word, or too many lines.
    """
    rows = (
        (number, tidy(LEADERS.sub(" ", UNSEEN.sub("", one))))
        for number, one in enumerate(text.splitlines(), 1)
    )
    written = [one for one in rows if re.search(r"\w", one[1])]
    if not written:
        raise no_text("no_lines")
    if len(written) > MOST_LINES:
        raise no_text("many_lines")
    found = _Reading(currency)
    for here, (number, row) in enumerate(written):
        found.take(number, row, following=written[here + 1][1] if here + 1 < len(written) else "")
    return Weighed(found.lines, found.faults, [])


class _Reading:
    """Lines being read from the top, under the heading above them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.section = ""
        self.lines: list[Brought] = []
        self.faults: list[Fault] = []
        self.seen: dict[tuple[str, str, str], Brought] = {}

    def take(self, number: int, row: str, *, following: str) -> None:
        """Read one line; `following` is the next that says anything."""
        heading = HEADING.fullmatch(row) if len(row) <= LONGEST_NAME else None
        row = BULLET.sub("", row)
        is_guess = not heading and _may_head(row) and _has_price(following)
        try:
            if is_guess or (heading and not _has_price(row)):
                name = next(filter(None, heading.group("a", "b", "c", "d"))) if heading else row
                self.section = checked(BULLET.sub("", tidy(name)).strip(PARTING), "section")
                if is_guess:
                    self.note(number, row, "heading", row)
                return
            read = dishes(row, self.currency)
            twin = self._twin([one._replace(section=self.section) for one in read.lines], number)
        except Unfit as unfit:
            self.note(number, row, unfit.code, unfit.found)
            return
        if twin is not None:
            self.note(number, row, *twin)
        elif read.other:
            self.note(number, row, "other_number", read.other)

    def note(self, number: int, row: str, code: str, found: str = "", other: int = 0) -> None:
        """Name a line, with what is odd about it."""
        self.faults.append(Fault(number, "", code, found[:40], other, row[:LONGEST_LINE], self.section))

    def _twin(self, lines: Sequence[Line], number: int) -> tuple[str, str, int] | None:
        """Keep the dishes of a line, all or none; return what is wrong where one is there already."""
        keys = [key(one) for one in lines]
        for name, line in zip(keys, lines, strict=True):
            first = self.seen.get(name)
            if first:
                return "twice" if first.line.price == line.price else "other_price", line.name, first.row
            if keys.count(name) > 1:
                raise Unfit("two_prices", line.name)
        for name, line in zip(keys, lines, strict=True):
            self.seen[name] = Brought(number, line)
            self.lines.append(self.seen[name])
        return None


def dishes(row: str, currency: str) -> Read:
    """Read one line that is no heading; Unfit says why not, with what is odd in it."""
    if len(row) > LONGEST_LINE:
        raise Unfit("line_long")
    if row[:1] in tuple(FORMULA):
        raise Unfit("formula", row)
    if GARBLED.search(row):
        raise Unfit("garbled")
    line = plain(row)
    if said := RANGE.search(line):
        raise Unfit("range", said[0].strip())
    found = amounts.prices(line)
    if not found:
        return Read([_without_price(row)])
    if len(found) == 1:
        return _single(row, line, found[0], currency)
    if sizes := _sizes(row, line, found, currency):
        return Read(sizes)
    return Read([one for piece in _cut(row, line, found) for one in dishes(piece, currency).lines])


def _has_price(row: str) -> bool:
    line = plain(row)
    return bool(amounts.prices(line) or RANGE.search(line) or ASKED.search(row) or FREE.search(row))


def _may_head(row: str) -> bool:
    """Tell whether a line without any sign of it may be a heading: short words alone, nothing that is counted."""
    return 0 < len(row) <= LONGEST_HEADING and not re.search(r"\d", plain(row)) and not _has_price(row)


def _without_price(row: str) -> Line:
    for pattern, price in ((ASKED, None), (FREE, 0)):
        found = re.fullmatch(rf"(.+?){pattern.pattern}", row, re.I)
        if found:
            return _line(found[1], price)
    raise Unfit("no_price_typed")


def _single(row: str, line: str, price: Price, currency: str) -> Read:
    """Read a line with one price: what stands before it is the name, behind it the unit and a note in brackets."""
    before, behind, unit, note = row[: price.start], row[price.end :], "", ""
    if per := PER.match(plain(behind)):
        unit, behind = tidy(behind[per.start(1) : per.end(1)]), behind[per.end() :]
    if bracket := NOTE.match(behind):
        note, behind = tidy(bracket[1]), behind[bracket.end() :]
    if not before.strip(PARTING) and price.is_marked and not note:
        before, behind = behind, ""
    if behind.strip(PARTING):
        raise Unfit("words_after", tidy(behind))
    made = _line(before, _money(price.text, currency), unit, note)
    numbers = amounts.BARE if price.is_marked else re.compile(r"\d+")
    others = [one for one in numbers.findall(plain(made.name)) if len(one) > 1]
    return Read([made], others[0] if others else "")


def _sizes(row: str, line: str, found: Sequence[Price], currency: str) -> list[Line]:
    """Read a dish with a price for each of its sizes; nothing where it is none."""
    between = [row[one.end : other.start].strip(PARTING + "/／") for one, other in pairwise(found)]
    if not all(SIZE.fullmatch(size) for size in between) or row[found[-1].end :].strip(PARTING):
        return []
    first = _line(row[: found[0].start], _money(found[0].text, currency))
    if not first.unit:
        raise Unfit("two_prices", row[found[0].start : found[-1].end])
    lines = [first]
    for size, one in zip(between, found[1:], strict=True):
        lines.append(first._replace(unit=checked(size, "unit"), price=_money(one.text, currency)))
    return lines


def _cut(row: str, line: str, found: Sequence[Price]) -> list[str]:
    """Part a line of several dishes where a comma stands between them, or a currency ends one."""
    pieces, start = [], 0
    for one, other in pairwise(found):
        parting = CUT.search(line, one.end, other.start)
        ends_itself = one.is_marked and line[one.end - 1] in "元块圆"
        end = parting.end() if parting else one.end
        if not (parting or ends_itself) or not re.search(r"[^\W\d]", row[end : other.start]):
            raise Unfit("two_prices", row[one.start : other.end])
        pieces.append(row[start:end])
        start = end
    pieces.append(row[start:])
    if any(len(amounts.prices(plain(piece))) != 1 for piece in pieces):
        raise Unfit("two_prices", row[found[0].start : found[-1].end])
    return pieces


def _line(name: str, price: int | None, unit: str = "", note: str = "") -> Line:
    """Make a line of a name that may end in a size, and may be said in two languages."""
    name = name.strip(PARTING)
    if len(name) > LONGEST_NAME:
        raise Unfit("name_long")
    if not unit:
        name, unit = _with_size(name)
    name, other = _named(name)
    if not name or SIZE.fullmatch(name):
        raise Unfit("no_name")
    texts = {"name": name, "name_en": other, "unit": unit, "note": note}
    return Line("", **{field: checked(text, field) for field, text in texts.items()}, price=price)


def _with_size(name: str) -> tuple[str, str]:
    bracket = re.fullmatch(r"(.+?)\s*[(（]\s*([^()（）]+?)\s*[)）]", name)
    if bracket and SIZE.fullmatch(bracket[2]):
        return bracket[1].strip(PARTING), bracket[2].lstrip("每/／ ")
    last = re.fullmatch(rf"(.+?)(?:[\s,，、|｜]+(\S+)|((?:每|/|／)\s*[{amounts.PIECES}]))", name)
    size = (last[2] or last[3]) if last else ""
    if last and SIZE.fullmatch(size):
        return last[1].strip(PARTING), size.lstrip("每/／ ")
    return name, ""


def _named(name: str) -> tuple[str, str]:
    """Part a name said in Chinese and in English."""
    for pattern in (TWO_NAMES, TURNED):
        if both := pattern.fullmatch(name):
            return both["zh"].strip(PARTING + "()（）"), both["en"].strip(PARTING + "()（）")
    return name, ""


def _money(text: str, currency: str) -> int:
    try:
        return parse_money(text, currency)
    except AmountRefused as refusal:
        raise Unfit(refusal.reason, text) from refusal


def checked(text: str, field: str) -> str:
    """Give back a text that fits its column; Unfit otherwise."""
    if len(text) > LONGEST[field]:
        raise Unfit(f"{field}_long")
    return text


def left_out(faults: Iterable[Fault]) -> str:
    """Write the lines that were left out as a text again, each under its heading."""
    text: list[str] = []
    section = ""
    for fault in sorted(faults, key=lambda one: bool(one.section)):
        if fault.section != section:
            section = fault.section
            text += ["", f"{section}:"] if text else [f"{section}:"]
        text.append(fault.text)
    return "\n".join(text)
