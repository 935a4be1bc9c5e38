"""Terms as people read them: every string ready to print in the visitor's language."""

from dataclasses import dataclass

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import ngettext

from o2o.kernel.calendar import hour_span, weekday_span
from o2o.kernel.locales import choose_locale
from o2o.kernel.money import format_money
from o2o.offers import rules
from o2o.offers.models import Terms


@dataclass(frozen=True, slots=True)
class TermsView:
    """One version of terms for a page; empty strings where there is nothing to say."""

    title: str
    price: str
    was: str
    save: str
    parts: tuple[tuple[str, str, str], ...]
    summary: str
    validity: str
    times: str
    uses: str
    limits: tuple[str, ...]
    refund: tuple[str, ...]
    notes: str
    free: bool


def view(terms: Terms) -> TermsView:
    """Make the strings of some terms; a crossed price stands only where the parts really cost more."""
    locale = choose_locale()

    def money(minor: int) -> str:
        return format_money(minor, terms.currency, locale)

    contents = [(text, count, alone) for text, count, alone in terms.contents]
    said = [text if count == 1 else f"{text} × {count}" for text, count, _alone in contents]
    saved = terms.parts_price - terms.price
    return TermsView(
        title=terms.title,
        price=_("Free") if terms.price == 0 else money(terms.price),
        was=money(terms.parts_price) if saved > 0 else "",
        save=_("Save %(amount)s", amount=money(saved)) if saved > 0 else "",
        parts=tuple(
            (text, f"× {count}", money(count * alone) if alone else "") for text, count, alone in contents
        ),
        summary=("，" if locale.startswith("zh") else ", ").join(said),
        validity=validity_words(terms, locale),
        times=" ".join(filter(None, (weekday_span(terms.weekdays, locale), hours_words(terms)))),
        uses=ngettext("%(num)d use", "%(num)d uses", terms.uses) if terms.uses > 1 else "",
        limits=limit_words(terms),
        refund=tuple(_(sentence) for sentence in rules.refund_words(terms)),
        notes=terms.notes,
        free=terms.price == 0,
    )


def validity_words(terms: Terms, locale: str) -> str:
    """Say how long it can be used."""
    if terms.valid_until is None:
        return str(
            ngettext("%(num)d day after purchase", "%(num)d days after purchase", terms.valid_days or 0)
        )
    last = format_date(terms.valid_until, format="medium", locale=locale)
    if terms.valid_from is None:
        return str(_("Until %(day)s", day=last))
    first = format_date(terms.valid_from, format="medium", locale=locale)
    return str(_("%(first)s to %(last)s", first=first, last=last))


def hours_words(terms: Terms) -> str:
    """Say the hours of the day; past midnight is said, not implied."""
    span = hour_span(terms.from_minute, terms.to_minute)
    if terms.to_minute is not None and terms.to_minute > rules.DAY:
        return str(_("%(span)s (after midnight)", span=span))
    return span


def limit_words(terms: Terms) -> tuple[str, ...]:
    """Say what limits a buyer and the offer."""
    words = []
    if terms.per_person:
        words.append(_("At most %(num)s per person", num=terms.per_person))
    if terms.day_cap:
        words.append(_("%(num)s a day", num=terms.day_cap))
    if terms.total_cap:
        words.append(_("%(num)s in all", num=terms.total_cap))
    return tuple(words)


def left_words(left: int | None) -> str:
    """Say how many are left, a real number or nothing."""
    if left is None or left <= 0:
        return ""
    return str(ngettext("%(num)d left", "%(num)d left", left))


def honest_words(yes: int, count: int) -> str:
    """Say how many got what was advertised; nothing when nobody answered. Never rounded up."""
    if not count:
        return ""
    share = _("%(share)s%% as advertised", share=100 * yes // count)
    return f"{share} · " + ngettext("%(num)s answer", "%(num)s answers", count)
