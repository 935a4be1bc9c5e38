"""The counter's screens: camera and last scans, the question, the full-bleed answer."""

from typing import Any, NamedTuple

from flask import Response, current_app
from flask_babel import gettext as _

from o2o.kernel import clock
from o2o.kernel.db import db, new_id
from o2o.kernel.headers import allow
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.web import page, wants_json
from o2o.redemption import queries, rules
from o2o.redemption.answer import WORDS, Answer, Sight
from o2o.redemption.app import spoken
from o2o.redemption.forms import UNDO_REASONS, ScanForm, UndoForm
from o2o.redemption.say import refuse, say, when
from o2o.shops import queries as shops
from o2o.shops.models import Shop


class Line(NamedTuple):
    """A scan in the till's list, ready to print."""

    time: str
    title: str
    kind: str
    word: str
    url: str
    can_undo: bool


def counter(shop: Shop, form: ScanForm, *, several: bool = False, status: int = 200) -> Response:
    """Show the camera, the typed code and the last ten scans."""
    allow(camera=True, wasm=True)
    scans = [scan_line(row) for row in queries.last_scans(db.session, shop.id)]
    return page(
        "redemption/till.html",
        status=status,
        form=form,
        shop_id=shop.id,
        shop_name=shops.shop_name(shop, html_lang()),
        scans=scans,
        several=several,
        words=spoken(),
        undo_reasons=[(key, _(text)) for key, text in UNDO_REASONS.items()],
        build=current_app.config["BUILD"],
        cache="till",
    )


def confirm(shop_id: int, answer: Answer, code: str) -> Response:
    """Ask what is handed over and how many uses; the button carries the press's own number."""
    return page("redemption/confirm.html", code=code, nonce=new_id(), **seen(shop_id, answer))


def refusal(shop_id: int, answer: Answer) -> Response:
    """Say no, over the whole screen."""
    if wants_json():
        return refuse(db.session, answer, shop_id=shop_id)
    row = queries.one(db.session, answer.redemption_id) if answer.redemption_id else None
    earlier = f"/till/redemptions/{row.id}" if row and rules.can_undo(row, clock.now()) else ""
    return page("redemption/refusal.html", status=answer.status, earlier=earlier, **seen(shop_id, answer))


def receipt(shop: Shop, answer: Answer, undo: UndoForm | None) -> Response:
    """Say yes, over the whole screen, or that it was undone."""
    return page(
        "redemption/receipt.html", undo=undo, redemption_id=answer.redemption_id, **seen(shop.id, answer)
    )


def seen(shop_id: int, answer: Answer) -> dict[str, Any]:
    """Give what every answer prints: its words and what the pass is good for."""
    shop = shops.shop(db.session, shop_id, behind=True)
    return {
        "shop_id": shop_id,
        "shop_name": shops.shop_name(shop, html_lang()),
        "said": say(db.session, answer, shop_id=shop_id),
        "answer": answer,
        "sight": answer.sight,
        "value": value_words(answer.sight),
    }


def value_words(sight: Sight | None) -> str:
    """Say what was paid for the pass."""
    if sight is None:
        return ""
    return format_money(sight.value, sight.currency, html_lang()) if sight.value else _("Free")


def scan_line(row: queries.Scanned) -> Line:
    """Word one scan for the list."""
    zone = shops.founded(db.session).zone
    scan, done = row.scan, row.redemption
    words = WORDS[scan.reason]
    kind, word = words.kind, _(words.word)
    if scan.reason == "ok" and done is None:
        kind, word = "quiet", _("Looked at, not redeemed")
    elif done is not None and done.annulled_at is not None:
        kind, word = "quiet", _("Undone")
    elif done is not None and done.quantity > 1:
        word = _("%(word)s × %(count)s", word=word, count=done.quantity)
    can_undo = done is not None and rules.can_undo(done, clock.now())
    url = f"/till/redemptions/{done.id}" if done else ""
    return Line(when(scan.at, zone), row.title or _("No pass"), kind, word, url, can_undo)
