"""What the holder of passes reads of those who looked at them."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from o2o.kernel.locales import html_lang
from o2o.redemption.answer import WORDS
from o2o.redemption.queries import Look
from o2o.redemption.say import when
from o2o.shops import queries as shops


class LookLine(NamedTuple):
    """A look, ready to print; kind is ok, wait, no or quiet."""

    time: str
    title: str
    place: str
    kind: str
    word: str
    url: str


def look_line(look: Look, zone: ZoneInfo) -> LookLine:
    """Word one look: what for, when, in which shop and at which till, what came of it."""
    words, done = WORDS.get(look.scan.reason, WORDS["format"]), look.redemption
    kind, word = words.kind, _(words.word)
    if done is not None and done.annulled_at is not None:
        kind, word = "quiet", _("Undone")
    elif look.scan.reason == "ok" and done is None:
        kind, word = "quiet", _("Looked at, not redeemed")
    shop = shops.shop_name(look.shop, html_lang())
    place = _("%(shop)s, till %(till)s", shop=shop, till=look.till) if look.till else shop
    return LookLine(when(look.scan.at, zone), look.title, place, kind, word, f"/passes/{look.scan.pass_id}")
