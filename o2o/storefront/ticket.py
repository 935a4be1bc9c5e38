"""What a pass looks like to its holder: the stub in the wallet and the ticket on its page."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from o2o.conflicts.queries import Line, for_pass
from o2o.kernel import clock
from o2o.kernel.calendar import day_words, hour_span, moment_words, weekday_span
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.offers.models import Terms
from o2o.orders.models import OrderPass
from o2o.passes import queries as passes
from o2o.passes.models import Pass
from o2o.passes.queries import Held
from o2o.redemption import queries as redemption
from o2o.refunds.rules import is_freed
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from o2o.storefront.showing import Showing, showing
from o2o.storefront.voice import Voice, voices

SECTIONS = {
    "valid": N_("Ready to use"),
    "refunding": N_("Refund on its way"),
    "used": N_("Used"),
    "expired": N_("Expired"),
    "refunded": N_("Refunded"),
    "revoked": N_("Withdrawn"),
}
WORDS = {
    "valid": N_("Valid"),
    "early": N_("Not yet"),
    "used": N_("Used"),
    "expired": N_("Expired"),
    "refunding": N_("Refunding"),
    "refunded": N_("Refunded"),
    "revoked": N_("Withdrawn"),
}
# States in which a code would only mislead.
CODELESS = ("refunding", "refunded", "revoked")
ENDED = ("used", "expired", "refunded", "revoked")


class Stub(NamedTuple):
    """A pass in the wallet, ready to print; `section` is where it stands, `ended` that it is over."""

    url: str
    title: str
    shop: str
    state: str
    word: str
    note: str
    icon: str
    variant: int
    section: str
    ended: bool


class Use(NamedTuple):
    """A redemption as the holder reads it."""

    at: str
    quantity: int
    undone: bool
    voice: Voice


class Ticket(NamedTuple):
    """A pass's page, ready to print."""

    id: str
    version: str
    title: str
    shop: str
    shop_url: str
    shop_news: str
    address: str
    phone: str
    state: str
    word: str
    note: str
    qr: Markup
    short_code: str
    shows_code: bool
    validity: str
    hours: str
    uses: str
    paid: str
    contents: list[tuple[str, int]]
    notes: str
    rules: list[str]
    history: list[Use]
    order_id: str
    refund: str
    again: str
    showing: Showing
    shown_at: list[tuple[str, Line]]


def version(pass_: Pass, now: datetime) -> str:
    """Name what the page shows of a pass: it changes with the row, and when time alone changes the state."""
    return f"{clock.millis(pass_.changed_at):x}-{passes.state_at(pass_, now)}"


def stub(held: Held, now: datetime, zone: ZoneInfo, locale: str) -> Stub:
    """Give a pass's line in the wallet."""
    pass_, terms, shop = held
    shown = passes.state_at(pass_, now)
    section = "valid" if shown == "early" else shown
    return Stub(
        url=f"/passes/{pass_.id}",
        title=terms.title,
        shop=shops.shop_name(shop, locale),
        state=shown,
        word=_(WORDS[shown]),
        note=_stub_note(pass_, shown, zone, locale),
        icon=_icon(shop.category),
        variant=shop.id % 4,
        section=section,
        ended=pass_.state in ENDED,
    )


def ticket(session: Session, held: Held) -> Ticket:
    """Give everything that a pass's page prints."""
    pass_, terms, shop = held
    now, zone, locale = clock.now(), shops.founded(session).zone, html_lang()
    shown = passes.state_at(pass_, now)
    bought = session.get(OrderPass, pass_.id)
    uses = redemption.of_pass(session, pass_.id)
    history = [
        Use(moment_words(row.at, zone, locale), row.quantity, row.annulled_at is not None, voice)
        for row, voice in zip(uses, voices(session, pass_, uses, now), strict=True)
    ]
    return Ticket(
        id=pass_.id,
        version=version(pass_, now),
        title=terms.title,
        shop=shops.shop_name(shop, locale),
        shop_url=f"/shops/{shop.id}",
        shop_news=_shop_news(shop, shown),
        address=shop.address or "",
        phone=shop.phone or "",
        state=shown,
        word=_(WORDS[shown]),
        note=_note(pass_, shown, history, zone, locale),
        qr=passes.drawn(pass_, _("QR code of your pass: %(title)s", title=terms.title)),
        short_code=passes.short_groups(pass_),
        shows_code=shown not in CODELESS,
        validity=_window(pass_, zone, locale),
        hours=usable_hours(terms, locale),
        uses=_uses(pass_) if pass_.uses > 1 else "",
        paid=_money(pass_.paid, pass_.currency, locale),
        contents=[(str(line[0]), int(line[1])) for line in terms.contents],
        notes=terms.notes,
        rules=refund_rules(terms, pass_),
        history=history,
        order_id=bought.order_id if bought else "",
        refund=_refund(held, shown, locale),
        again=_again(session, terms) if shown in ENDED else "",
        showing=showing(session, pass_, shown, zone, locale),
        shown_at=[(moment_words(row.at, zone, locale), row) for row in for_pass(session, pass_.id)],
    )


def _again(session: Session, terms: Terms) -> str:
    """Lead from a pass that is over to its offer while that is on sale, else to the shop."""
    rows = offers.offers_on_sale(session, terms.shop_id)
    is_sold = any(row.offer.id == terms.offer_id and not row.sold_out for row in rows)
    return f"/offers/{terms.offer_id}" if is_sold else f"/shops/{terms.shop_id}"


def usable_hours(terms: Terms, locale: str) -> str:
    """Say on which days and hours the terms hold."""
    days = weekday_span(terms.weekdays, locale)
    hours = hour_span(terms.from_minute, terms.to_minute)
    if not days and not hours:
        return _("Any day, any time")
    return f"{days or _('every day')} {hours}".strip()


def refund_rules(terms: Terms, pass_: Pass) -> list[str]:
    """Say the frozen rule of giving back."""
    if pass_.paid == 0:
        return [_("This coupon was free, so there is nothing to refund.")]
    before = _("Any time before use: the money for unused uses comes back.")
    after = _("When it expires unused, the money comes back by itself.")
    return [
        before if terms.refund_before_use else _("Not refundable once bought."),
        after if terms.refund_at_expiry else _("It is void when it expires."),
    ]


def _icon(category: str) -> str:
    try:
        return shops.categories.category(category).icon
    except KeyError:
        return ""


def _stub_note(pass_: Pass, shown: str, zone: ZoneInfo, locale: str) -> str:
    if shown == "early":
        return _("from %(day)s", day=day_words(pass_.not_before, zone, locale))
    if shown == "valid":
        note = _("until %(day)s", day=day_words(_last_moment(pass_), zone, locale))
        return f"{note} · {_uses(pass_)}" if pass_.uses > 1 else note
    return day_words(pass_.expires if shown == "expired" else pass_.changed_at, zone, locale)


def _note(pass_: Pass, shown: str, history: list[Use], zone: ZoneInfo, locale: str) -> str:
    if shown == "early":
        return _("from %(day)s", day=day_words(pass_.not_before, zone, locale))
    if shown == "valid":
        return _uses(pass_) if pass_.uses > 1 else ""
    if shown == "used" and history:
        return history[0].at
    return ""


def _uses(pass_: Pass) -> str:
    left, uses = pass_.uses_left, pass_.uses
    return ngettext("%(num)s of %(uses)s use left", "%(num)s of %(uses)s uses left", left, uses=uses)


def _window(pass_: Pass, zone: ZoneInfo, locale: str) -> str:
    end = day_words(_last_moment(pass_), zone, locale)
    if pass_.not_before <= pass_.issued_at:
        return _("until %(day)s", day=end)
    return _("%(first)s to %(last)s", first=day_words(pass_.not_before, zone, locale), last=end)


def _last_moment(pass_: Pass) -> datetime:
    """Name the last day on which it holds: midnight belongs to the day before."""
    return clock.from_millis(clock.millis(pass_.expires) - 1)


def _shop_news(shop: Shop, shown: str) -> str:
    """Say what became of the shop since the pass was sold, while that matters for the pass."""
    if shop.status == "delisted" and shown in ("valid", "early", "refunding"):
        return _("This shop is no longer listed. What you have not used is paid back by itself.")
    if is_freed(shop) and shown in ("valid", "early"):
        return _("This shop sells nothing at the moment. Your pass stays good; you may also give it back.")
    return ""


def _refund(held: Held, shown: str, locale: str) -> str:
    """Say what is coming back, or would when the holder asks now; empty when nothing can."""
    pass_, terms, shop = held
    if shown == "refunding" and passes.value_left(pass_):
        return _money(passes.value_left(pass_), pass_.currency, locale)
    may = terms.refund_before_use or is_freed(shop)
    if shown not in ("valid", "early") or not may or passes.value_left(pass_) == 0:
        return ""
    return _money(passes.value_left(pass_), pass_.currency, locale)


def _money(minor: int, currency: str, locale: str) -> str:
    return format_money(minor, currency, locale) if minor else _("Free")
