"""Hours in the owner's own words: the form's week filled in, and what to look at, in sentences."""

from typing import NamedTuple

from flask_babel import gettext as _

from o2o.kernel.calendar import DASH, EVERY_DAY, weekday_span
from o2o.kernel.locales import html_lang
from o2o.places import hours_week
from o2o.said_hours.hearing import ROUND_THE_CLOCK, Doubt, Heard, Span, hear
from o2o.shops.forms import SPANS, ShopForm, day_values


class Reply(NamedTuple):
    """What was understood, day by day, what to look at twice, and the words that say nothing to us."""

    lines: list[tuple[str, str]]
    doubts: list[str]
    left: list[str]


def answer(form: ShopForm) -> Reply | None:
    """Fill the form's week from what was said; None, with the field's fault, where nothing was understood."""
    if not form.said.validate(form):
        return None
    heard = hear(form.said.data or "")
    if not any(day is not None for day in heard.week):
        form.said.errors = [
            _("No opening hours were found in this. Say them like: Mon–Fri 9:00–21:00, closed Sunday.")
        ]
        return None
    crowded = fill(form, heard.week)
    doubts = [sentence(doubt) for doubt in heard.doubts]
    if crowded:
        doubts.append(_("Two spans a day fit below: %(days)s has more.", days=names(crowded)))
    return Reply(lines(heard), doubts, heard.left)


def fill(form: ShopForm, week: list[list[Span] | None]) -> list[int]:
    """Put a week into the form, days that were not named left as they are; return the days that have more spans."""
    if all(day == ROUND_THE_CLOCK for day in week):
        form.hours_kind.data = "always"
        return []
    whole = [day for day in week if day is not None and all(end for _start, end in day)]
    crowded = [number for number, day in enumerate(week) if day and len(day) > len(SPANS)]
    if crowded and len(whole) == len(week):
        form.hours_kind.data, form.hours_text.data = "text", hours_week.from_week(whole)
        return []
    form.hours_kind.data = "week"
    for number, day in enumerate(week):
        if day is None:
            continue
        values = {"closed": False, **{name: "" for pair in SPANS for name in pair}, **day_values(day)}
        for name, value in values.items():
            form.days[number].form[name].data = value
    return crowded


def lines(heard: Heard) -> list[tuple[str, str]]:
    """Say the week: days that are alike together."""
    alike: dict[str, int] = {}
    for number, day in enumerate(heard.week):
        if day is not None:
            words = ", ".join(f"{start}{DASH}{end or '?'}" for start, end in day) or _("Closed")
            alike[words] = alike.get(words, 0) | 1 << number
    return [
        (_("Every day") if mask == EVERY_DAY else weekday_span(mask, html_lang()), words)
        for words, mask in alike.items()
    ]


def names(days: list[int] | tuple[int, ...]) -> str:
    """Name some days of the week."""
    mask = sum(1 << day for day in days)
    return _("Every day") if mask == EVERY_DAY else weekday_span(mask, html_lang())


def sentence(doubt: Doubt) -> str:
    """Say what should be looked at twice."""
    said, read, days = doubt.said, doubt.read, names(doubt.days)
    sentences = {
        "read": lambda: _("“%(said)s” is taken as %(read)s.", said=said, read=read),
        "end": lambda: _("“%(said)s”: it opens at %(read)s, and when does it close?", said=said, read=read),
        "every_day": lambda: _("“%(said)s” names no days: it is taken for every day.", said=said),
        "again": lambda: _("“%(said)s” names no days: it is taken for %(days)s.", said=said, days=days),
        "twice": lambda: _("More than one thing is said of %(days)s. Please compare.", days=days),
        "unsaid": lambda: _("Nothing is said of %(days)s: what stands below stays.", days=days),
        "order": lambda: _("Which hours belong to which days can be read in two ways. Please compare."),
        "overlap": lambda: _("The hours of %(days)s overlap.", days=days),
        "holidays": lambda: _("Holidays are kept on a page of their own: “Holidays and special days”."),
    }
    return str(sentences[doubt.kind]())
