"""From a text to its items: days, and what is said of days; whatever is neither is handed back."""

import re
import unicodedata
from dataclasses import dataclass, field, replace

from o2o.said_hours import times, words
from o2o.said_hours.times import Said
from o2o.said_hours.words import NEAR, NEWLINE

MOST_LETTERS = 4_000
MOST_ITEMS = 300
NO_BREAK_YET = 630  # minutes: a break at "2" is in the afternoon
LONGEST_WORD = 60  # letters of what is handed back
_ENGLISH = ("mo", "tu", "we", "th", "fr", "sa", "su")
_LETTERS = re.compile(r"[A-Za-zÀ-ÿ'’]+|\d+|.", re.S)
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
_LINES, _BLANKS = re.compile(r"\s*[\n\r]\s*"), re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of the text: days, or open, closed, always, maybe_always, partly or a pause said of them."""

    kind: str
    text: str
    gap: int = NEAR
    days: frozenset[int] = frozenset()
    rest: bool = False
    season: bool = False
    service: bool = False
    holiday: bool = False
    minus: bool = False
    said: Said | None = None

    @property
    def is_days(self) -> bool:
        """Tell whether this says when, not what."""
        return self.kind == "days"


@dataclass(slots=True)
class Scan:
    """What was found in a text, in its order; `left` is what was not understood."""

    text: str
    plain: bool
    at: int = 0
    gap: int = NEAR
    minus: bool = False
    items: list[Item] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unknown: str = ""

    def add(self, kind: str, match: re.Match[str], **values: object) -> None:
        """Keep an item and go on behind it."""
        self.items.append(replace(Item(kind, match[0].strip(), self.gap), **values))  # type: ignore[arg-type]
        self.skip(match)
        self.gap = NEAR

    def skip(self, match: re.Match[str]) -> None:
        """Go on behind a match."""
        self.finish()
        self.at = match.end()

    def finish(self) -> None:
        """Hand back the words gathered so far."""
        words_left = self.unknown.strip()[:LONGEST_WORD]
        last = self.items[-1] if self.items and self.gap == NEAR else None
        if last and last.service and len(last.text) < LONGEST_WORD:
            self.items[-1] = replace(last, text=f"{last.text} {words_left}".strip())
        elif any(letter.isalnum() for letter in words_left):
            self.left.append(words_left)
        self.unknown = ""

    def floor(self) -> int:
        """Return when the span before ended, where it is one of the same days."""
        last = self.items[-1] if self.items else None
        return last.said.end or 0 if last and last.kind == "open" and last.said and self.gap < NEWLINE else 0


def normal(text: str) -> str:
    """Write full-width and old letters as the patterns know them."""
    plain = unicodedata.normalize("NFKC", text[:MOST_LETTERS]).translate(words.SIMPLE)
    # One blank or one end of line at most between two things: patterns stay quick.
    lines = _LINES.sub("\n", _UNSEEN.sub("", plain))
    return _BLANKS.sub(" ", lines)[:MOST_LETTERS]


def scan(text: str) -> Scan:
    """Read a text from left to right; what is longer than MOST_LETTERS is handed back unread."""
    known = normal(text)
    found = Scan(known, times.counts_24(known))
    while found.at < len(known) and len(found.items) < MOST_ITEMS:
        _ = _gap(found) or _days(found) or _claim(found) or _nothing(found) or _word(found)
    found.finish()
    if found.at < len(known) or len(text) > MOST_LETTERS:
        found.left.append((known[found.at :] or text[MOST_LETTERS:])[:40] + "…")
    return found


def _gap(found: Scan) -> bool:
    for gap, mark in words.GAPS.items():
        if match := mark.match(found.text, found.at):
            if match[0] == " " and found.unknown:
                found.unknown += " "
            elif match[0] != " ":
                found.finish()
            found.at, found.gap = match.end(), max(found.gap, gap)
            return True
    return False


def _days(found: Scan) -> bool:
    text, at = found.text, found.at
    if match := words.AS_USUAL.match(text, at):
        found.skip(match)
        return True
    if match := words.EXCEPTED.match(text, at):
        if found.items and found.items[-1].is_days and not found.unknown:
            found.items[-1] = replace(found.items[-1], minus=True)
            found.skip(match)
            found.minus = False
            return True
        return False
    if match := words.EXCEPT.match(text, at):
        found.minus = True
        found.skip(match)
        return True
    values = _which(found)
    if values is None:
        return False
    match, more = values
    found.add("days", match, minus=found.minus, **more)
    found.minus = False
    return True


def _which(found: Scan) -> tuple[re.Match[str], dict[str, object]] | None:
    """Return the days that are named here."""
    text, at = found.text, found.at
    for mark, days in words.GROUPS:
        if match := mark.match(text, at):
            return match, {"days": days}
    if match := words.DAY_RANGE.match(text, at):
        return match, {"days": _span_of_days(match)}
    for name in ("rest", "holiday", "season", "service"):
        if match := getattr(words, name.upper()).match(text, at):
            return match, {name: True}
    return None


def _span_of_days(match: re.Match[str]) -> frozenset[int]:
    days = _day(match["first"]) + [day for letter in match["more"] for day in _day(letter)]
    if match["last"]:
        first, last = days[-1], _day(match["last"])[-1]
        days += [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]
    return frozenset(days)


def _day(text: str) -> list[int]:
    name = text.strip().lower()
    if name[:2] in _ENGLISH:
        return [_ENGLISH.index(name[:2])]
    return [5, 6] if name[-1] == "末" else [words.SIGNS[name[-1]]] if name[-1] in words.SIGNS else []


def _claim(found: Scan) -> bool:
    text, at = found.text, found.at
    for kind in ("always", "maybe_always", "partly"):
        if match := getattr(words, kind.upper()).match(text, at):
            found.add(kind, match)
            return True
    if _pause(found) or _open(found):
        return True
    if match := words.CLOSED.match(text, at):
        found.add("closed", match)
    return match is not None


def _pause(found: Scan) -> bool:
    """Read hours that are taken out of a day: a break with its times; "Sunday closed 9-5" is none."""
    match = words.PAUSE.match(found.text, found.at)
    after_days = found.items and found.items[-1].is_days and found.gap == NEAR
    if match is None or (after_days and "closed" in match[0].lower()):
        return False
    behind = words.GAPS[NEAR].match(found.text, match.end())
    span = times.SPAN.match(found.text, behind.end() if behind else match.end())
    said = times.joined(span, plain=found.plain, floor=NO_BREAK_YET) if span else None
    if span is None or said is None:
        return False
    found.add("pause", span, said=said)
    return True


def _open(found: Scan) -> bool:
    match = times.FROM.match(found.text, found.at)
    span = times.SPAN.match(found.text, found.at)
    said = times.joined(span, plain=found.plain, floor=found.floor()) if span else None
    if span and said:
        paused = words.PAUSED.match(found.text, span.end())
        found.add("pause" if paused else "open", span, said=said)
        if paused:
            found.skip(paused)
        return True
    begun = times.begun(match, plain=found.plain, floor=found.floor()) if match else None
    if match and begun:
        found.add("open", match, said=begun)
        return True
    return False


def _nothing(found: Scan) -> bool:
    """Pass over what says nothing, but not inside a word that is being handed back."""
    match = words.NOISE.match(found.text, found.at)
    if match is None or (found.unknown and len(match[0]) == 1):
        return False
    found.skip(match)
    return True


def _word(found: Scan) -> bool:
    """Gather what nobody knows: a time alone, a word, a letter."""
    match = times.ALONE.match(found.text, found.at) or _LETTERS.match(found.text, found.at)
    if match:
        found.unknown += match[0]
        found.at = max(match.end(), found.at + 1)
    return True
