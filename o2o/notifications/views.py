"""The inbox."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.kernel.locales import choose_locale
from o2o.kernel.web import page, see_other
from o2o.kernel.words import N_
from o2o.notifications import queries, rules
from o2o.notifications.models import Message
from o2o.notifications.sentences import kind_of, worded

bp = Blueprint("notifications", __name__)
LAST_PAGE = 1000


def line(message: Message) -> dict[str, object]:
    """Word a message in the reader's language."""
    kind, words = kind_of(message.kind), worded(message.values, choose_locale())
    return {
        "icon": kind.icon,
        "title": _(kind.title) % words,
        "text": _(kind.text) % words,
        "link": message.link,
        "at": message.at,
        "is_new": message.read_at is None,
    }


@bp.get("/inbox")
@policy(signed_in)
def inbox() -> Response:
    """Show the inbox, twenty messages a page."""
    number = max(1, min(request.args.get("page", 1, type=int), LAST_PAGE))
    rows, more = queries.inbox(db.session, account_id=current_user.account_id, page=number)
    return page(
        "notifications/inbox.html",
        block="more" if number > 1 else None,
        lines=[line(message) for message in rows],
        newest=max((message.id for message in rows), default=0),
        unread=queries.unread(db.session, account_id=current_user.account_id) if number == 1 else 0,
        number=number,
        next_url=f"/inbox?page={number + 1}" if more else None,
    )


@bp.post("/inbox/read")
@policy(signed_in)
def read() -> Response:
    """Mark what the page showed as read."""
    up_to = request.form.get("up_to", type=int)
    if up_to is None or not 0 <= up_to < 2**62:
        raise BadInput("bad_number", N_("This form is damaged. Please reload the page and try again."))
    begin_write()
    rules.mark_read(db.session, account_id=current_user.account_id, up_to=up_to)
    db.session.commit()
    return see_other("/inbox")
