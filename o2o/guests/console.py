"""The shop's guests, under the shop's own names for them; every look is written down before anything is shown."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.guests import queries, rules
from o2o.guests.forms import NoteForm, asked
from o2o.guests.show import SORT_WORDS, card, line
from o2o.kernel import clock
from o2o.kernel.access import manager_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.shops import queries as shops
from o2o.shops.queries import Desk

bp = Blueprint("guests_console", __name__)


@bp.get("/console/<int:shop>/guests")
@policy(manager_of("shop"))
def guests(shop: int) -> Response:
    """List the shop's guests."""
    wanted, town, since, among, is_cut = asked(), shops.founded(db.session), desk_of(shop).since, None, False
    if wanted.text:
        among, is_cut = queries.called(db.session, shop, wanted.text, locale=html_lang(), since=since)
    given: dict[str, Any] = {"sort": wanted.sort, "among": among, "number": wanted.number, "since": since}
    found, more = queries.of_shop(db.session, shop, **given)
    lines = [line(met, town) for met in found]
    write_look(shop, [row.account_id for row in lines], "list")
    return page(
        "guests/list.html",
        desk=desk_of(shop),
        lines=lines,
        more=more,
        is_cut=is_cut,
        most=queries.MOST_CALLED,
        count=queries.count(db.session, shop, since),
        wanted=wanted,
        sorts=SORT_WORDS,
    )


@bp.get("/console/<int:shop>/guests/<guest>")
@policy(manager_of("shop"))
def guest_card(shop: int, guest: str) -> Response:
    """Show a guest's card."""
    return card_page(shop, guest, NoteForm(formdata=None))


@bp.post("/console/<int:shop>/guests/<guest>/notes")
@policy(manager_of("shop"))
def add_note(shop: int, guest: str) -> Response:
    """Note something about a guest."""
    form, staff_id = NoteForm(), current_user.account_id
    owner, sent, content = f"account:{staff_id}", posted_key(), {"guest": guest, "text": form.text.data}
    begin_write()
    try:
        if once(db.session, owner, sent, content) is None:
            given: dict[str, Any] = {"text": form.text.data or "", "staff_id": staff_id, "now": clock.now()}
            rules.add_note(db.session, shop_id=shop, key=guest, **given)
            remember(db.session, owner, sent, content, f"/console/{shop}/guests/{guest}")
            db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return card_page(shop, guest, form, status=refusal.status)
    toast(_("Saved. The guest can read it too."))
    return see_other(f"/console/{shop}/guests/{guest}")


@bp.post("/console/<int:shop>/guests/<guest>/notes/<int:note>/drop")
@policy(manager_of("shop"))
def drop_note(shop: int, guest: str, note: int) -> Response:
    """Delete a note."""
    begin_write()
    rules.drop_note(db.session, shop_id=shop, key=guest, note_id=note)
    db.session.commit()
    toast(_("Deleted."))
    return see_other(f"/console/{shop}/guests/{guest}")


def card_page(shop_id: int, key: str, form: NoteForm, *, status: int = 200) -> Response:
    """Show the card, once it is written down that it was opened; it is read before, as plain copies."""
    desk = desk_of(shop_id)
    found = queries.shop_guest(db.session, shop_id=shop_id, key=key, since=desk.since)
    shown = card(db.session, found, shops.founded(db.session), desk.since)
    write_look(shop_id, [shown["guest"].account_id], "card")
    return page("guests/card.html", desk=desk, form=form, status=status, **shown)


def write_look(shop_id: int, account_ids: list[int], what: str) -> None:
    """Write down who is about to see whom: what cannot be written down is not shown. The one thing these GETs write."""
    staff_id = current_user.account_id
    begin_write()
    rules.look(
        db.session, shop_id=shop_id, staff_id=staff_id, account_ids=account_ids, what=what, now=clock.now()
    )
    db.session.commit()


def desk_of(shop_id: int) -> Desk:
    """Return the visitor's desk at a shop."""
    return shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
