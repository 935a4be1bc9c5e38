"""The desk's page of what one offer brought; every number on it leads to the rows it counts."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from o2o.kernel import clock
from o2o.kernel.access import manager_of, policy
from o2o.kernel.calendar import moment_words
from o2o.kernel.db import db
from o2o.kernel.errors import BadInput, NotAllowed
from o2o.kernel.locales import choose_locale, html_lang
from o2o.kernel.money import format_money
from o2o.kernel.web import page
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.offers.models import Terms
from o2o.offers.rules import local_day
from o2o.results import counting, queries
from o2o.results.counting import Row
from o2o.results.queries import History
from o2o.shops import queries as shops

bp = Blueprint("results", __name__)
PAGE = 50
MOST_PAGES = 9999
# What each number is called; in the order of the page.
NAMES = {
    "sold": N_("sold"),
    "redeemed": N_("redeemed"),
    "refunded": N_("paid back"),
    "open": N_("still open"),
    "over": N_("ran out unused"),
    "new": N_("new guests"),
    "known": N_("guests you knew"),
    "back": N_("came back at full price"),
}


class Shown(NamedTuple):
    """A row as the page writes it."""

    guest: str
    when: str
    value: str
    note: str


class Balance(NamedTuple):
    """The result against the plan in words; `kind` is ok or no."""

    kind: str
    amount: str
    sum: str
    left_out: str
    guess: str


@bp.get("/console/<int:shop>/offers/<int:offer>/results")
@policy(manager_of("shop"))
def results(shop: int, offer: int) -> Response:
    """Show what an offer brought, and the rows behind one number."""
    row = queries.seen_offer(db.session, shop_id=shop, offer_id=offer)
    terms = offers.current_terms(db.session, row)
    found = queries.history(db.session, shop_id=shop, offer_id=offer)
    zone = shops.founded(db.session).timezone
    rows = counting.count(found, now=clock.now(), day=lambda at: local_day(at, zone))
    return page(
        "results/results.html",
        desk=shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang()),
        offer=row,
        title=terms.title,
        here=request.path,
        names=NAMES,
        counts={name: len(rows[name]) for name in NAMES},
        amounts=amounts(rows, terms),
        balance=balance(found, rows, terms),
        **listing(rows, terms),
    )


def listing(rows: dict[str, list[Row]], terms: Terms) -> dict[str, Any]:
    """Return one page of the rows that are asked for, and the way to the next."""
    chosen, number = wanted()
    listed = rows[chosen] if chosen else []
    following = f"{request.path}?rows={chosen}&page={number + 1}#rows"
    return {
        "chosen": chosen,
        "listed": [shown(one, terms) for one in listed[PAGE * (number - 1) : PAGE * number]],
        "next_url": following if len(listed) > PAGE * number else None,
    }


def wanted() -> tuple[str, int]:
    """Read which rows are asked for ("" for none) and which page of them; BadInput for a page that is none."""
    chosen, text = request.args.get("rows", ""), request.args.get("page", "1")
    if chosen and chosen not in NAMES:
        raise NotAllowed
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page. Start again from the first one."))
    return chosen, int(text)


def amounts(rows: dict[str, list[Row]], terms: Terms) -> dict[str, str]:
    """Add up the money behind a number, where its rows have any."""
    return {
        name: money(sum(row.value or 0 for row in rows[name]), terms)
        for name in ("sold", "redeemed", "refunded", "open", "over")
    }


def shown(row: Row, terms: Terms) -> Shown:
    """Write one row; guests have the name that this shop knows them by."""
    return Shown(
        shops.guest_alias(row.account_id, terms.shop_id, choose_locale()),
        moment(row.at),
        "" if row.value is None else money(row.value, terms),
        _(row.note) if row.note else "",
    )


def balance(found: History, rows: dict[str, list[Row]], terms: Terms) -> Balance | None:
    """Say what is left against the plan, and how the guess about regulars stood; None without a plan."""
    total = counting.reckon(found)
    if total is None:
        return None
    left_out = ""
    if total.unplanned:
        left_out = ngettext(
            "%(num)d redeemed voucher was sold without a plan and is left out.",
            "%(num)d redeemed vouchers were sold without a plan and are left out.",
            total.unplanned,
        )
    said = ngettext(
        "%(num)d redeemed voucher: %(value)s in, %(cost)s for serving it, %(fixed)s fixed.",
        "%(num)d redeemed vouchers: %(value)s in, %(cost)s for serving them, %(fixed)s fixed.",
        total.vouchers,
        value=money(total.value, terms),
        cost=money(total.cost, terms),
        fixed=money(total.fixed, terms),
    )
    return Balance(
        "no" if total.result < 0 else "ok", signed(total.result, terms), said, left_out, guess(found, rows)
    )


def guess(found: History, rows: dict[str, list[Row]]) -> str:
    """Say how the guess about regulars stood; nothing before anybody came."""
    guests = len(rows["new"]) + len(rows["known"])
    if not guests:
        return ""
    return str(
        _(
            "You reckoned with %(guess)s%% who would have come anyway; %(share)s%% of those who used it were guests "
            "you knew.",
            guess=counting.newest_plan(found).regulars,
            share=100 * len(rows["known"]) // guests,
        )
    )


def money(minor: int, terms: Terms) -> str:
    """Write an amount."""
    return format_money(minor, terms.currency, choose_locale())


def signed(minor: int, terms: Terms) -> str:
    """Write an amount with its sign."""
    sign = "+" if minor > 0 else "−" if minor < 0 else ""
    return sign + money(abs(minor), terms)


def moment(at: datetime) -> str:
    """Write a moment on the town's clock."""
    return moment_words(at, shops.founded(db.session).zone, choose_locale())
