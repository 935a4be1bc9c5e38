"""What a deal can bring and cost, in words: sentences for the owner, each with a colour, a sign and a word."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from o2o.designer import worth
from o2o.kernel.locales import choose_locale
from o2o.kernel.money import format_money

# Regulars are shown among so many buyers where nothing limits the number.
SOME = 100


class Line(NamedTuple):
    """One sentence; `kind` is ok, wait or no."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What is said of a deal, or, as long as figures are missing, what is missing."""

    lines: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Return the worst colour of its lines."""
        kinds = {line.kind for line in self.lines}
        return next((kind for kind in ("no", "wait") if kind in kinds), "ok")


class Money(NamedTuple):
    """Write amounts of one currency in one language."""

    currency: str
    locale: str

    def plain(self, minor: int) -> str:
        """Write an amount: ¥12."""
        return format_money(abs(minor), self.currency, self.locale)

    def signed(self, minor: int) -> str:
        """Write an amount with its sign: +¥12, −¥12; nothing has none."""
        sign = "+" if minor > 0 else "−" if minor < 0 else ""
        return sign + self.plain(minor)


def lines(deal: worth.Deal, money: Money) -> tuple[Line, ...]:
    """Say what a deal leaves, at worst and at best, and when it breaks even."""
    comes = from_now(deal, money) if deal.sold else when_sold(deal, money)
    said = [voucher(deal, money), *comes, *with_regulars(deal, money)]
    least = worth.break_even_price(deal)
    price = money.plain(least)
    if deal.fixed:
        text = _("Without the fixed cost you break even at %(price)s a voucher.", price=price)
    else:
        text = _("You break even at %(price)s a voucher.", price=price)
    said.append(Line("ok" if deal.price >= least else "wait", text))
    return tuple(said)


def voucher(deal: worth.Deal, money: Money) -> Line:
    """Say what one voucher leaves."""
    left = worth.margin(deal)
    if left > 0:
        return Line("ok", _("Every voucher leaves you %(amount)s.", amount=money.plain(left)))
    if left == 0:
        return Line("wait", _("Every voucher leaves you nothing."))
    return Line("no", _("Every voucher costs you %(amount)s more than it brings.", amount=money.plain(left)))


def when_sold(deal: worth.Deal, money: Money) -> list[Line]:
    """Say what comes of it if all are sold, and what covers the fixed cost."""
    said = []
    limit = worth.most(deal)
    if limit is not None:
        result = worth.sold_result(deal, limit)
        words = ngettext(
            "If the only one is sold: %(amount)s.",
            "If all %(count)s are sold: %(amount)s.",
            limit,
            count=limit,
            amount=money.signed(result),
        )
        said.append(Line("no" if result < 0 else "ok", words))
    elif worth.margin(deal) < 0:
        said.append(Line("no", bottomless(worth.worst(deal), money)))
    if deal.fixed:
        said.append(_fixed(deal, money))
    return said


def from_now(deal: worth.Deal, money: Money) -> list[Line]:
    """Say what can still come of a deal that has sold: the worst case as the question counts it, and the rest sold."""
    found, limit, said = worth.worst(deal), worth.most(deal), []
    if found.kind == "all":
        text = _("At worst this deal comes to %(amount)s.", amount=money.signed(found.amount))
    else:
        text = bottomless(found, money)
    said.append(Line("no" if found.amount < 0 else "ok", f"{text} {sold_words(deal.sold)}"))
    if limit:
        result = worth.rest_result(deal, limit)
        words = ngettext(
            "If the last one is sold too and all are redeemed: %(amount)s.",
            "If the other %(count)s are sold too and all are redeemed: %(amount)s.",
            limit,
            count=limit,
            amount=money.signed(result),
        )
        said.append(Line("no" if result < 0 else "ok", words))
    if deal.fixed:
        said.append(_fixed(deal, money))
    return said


def _fixed(deal: worth.Deal, money: Money) -> Line:
    count, fixed = worth.break_even_count(deal), money.plain(deal.fixed)
    if count is None:
        return Line("no", _("The fixed cost of %(amount)s is never covered at this price.", amount=fixed))
    text = ngettext(
        "%(num)d sold voucher covers the fixed cost of %(amount)s.",
        "%(num)d sold vouchers cover the fixed cost of %(amount)s.",
        count,
        amount=fixed,
    )
    limit = worth.most(deal)
    return Line("wait" if limit is None or count <= limit + deal.sold else "no", text)


def sold_words(sold: int) -> str:
    """Say how what is sold already counts."""
    return str(
        ngettext(
            "%(num)d is sold already: it counts by its own terms, as far as it is not redeemed yet.",
            "%(num)d are sold already: they count by their own terms, as far as they are not redeemed yet.",
            sold,
        )
    )


def bottomless(found: worth.Worst, money: Money) -> str:
    """Say that there is no bottom, and how fast it goes."""
    if found.kind == "day":
        text = _("Up to %(amount)s a day, and no limit to the days.", amount=money.signed(found.amount))
    else:
        text = _(
            "No limit: without a cap there is no bottom. Each one costs you %(amount)s.",
            amount=money.plain(found.amount),
        )
    return str(text)


def with_regulars(deal: worth.Deal, money: Money) -> list[Line]:
    """Say what regulars cost among those still to be sold, how many the deal bears, and how guests earn it back."""
    limit, left = worth.most(deal), replace(deal, fixed=worth.uncovered(deal))
    count = SOME if limit is None else limit
    gain = worth.gain(left, count)
    said = []
    if count and deal.regulars and deal.full > deal.price:
        words = _(
            "If %(share)s%% of %(count)s would have come anyway: they pay you %(less)s less, and against no deal "
            "it comes to %(amount)s.",
            share=deal.regulars,
            count=count,
            less=money.plain(worth.regulars_cost(deal, count)),
            amount=money.signed(gain),
        )
        said.append(Line("wait" if gain < 0 else "ok", words))
    share = worth.break_even_share(deal)
    if share is not None and 0 < share < worth.TENTHS:
        words = _(
            "It pays as long as at most %(share)s%% would have come anyway.",
            share=f"{share // 10}.{share % 10}",
        )
        said.append(Line("ok" if share >= 10 * deal.regulars else "wait", words))
    visits = worth.visits_back(deal)
    if visits:
        words = ngettext(
            "A guest who comes back once at full price earns one voucher back.",
            "A guest must come back %(num)d times at full price to earn one voucher back.",
            visits,
        )
        said.append(Line("wait", words))
    return said


class Question(NamedTuple):
    """The second tap: the worst case in words, the figure that the button carries, and the button's words."""

    text: str
    figure: str
    button: str


def question(found: worth.Worst, currency: str, *, sold: int = 0) -> Question:
    """Ask whether a deal under cost is meant, of which so many are sold already."""
    money = Money(currency, choose_locale())
    if found.kind == "all":
        loss = money.signed(found.amount)
        text = _("At worst this deal comes to %(amount)s.", amount=loss)
        if sold:
            text = f"{text} {sold_words(sold)}"
        return Question(text, found.figure, _("I know: up to %(amount)s. Publish anyway", amount=loss))
    text, each = bottomless(found, money), money.signed(found.amount)
    if found.kind == "day":
        return Question(text, found.figure, _("I know: up to %(amount)s a day. Publish anyway", amount=each))
    return Question(text, found.figure, _("I know: %(amount)s each, no limit. Publish anyway", amount=each))
