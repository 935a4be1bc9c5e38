"""Count how often posters are opened: openings, never people."""

import logging

from flask import request
from flask import session as cookie
from sqlalchemy.exc import DBAPIError

from o2o.checkin import rules
from o2o.checkin.models import Poster
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Busy
from o2o.kernel.web import wants_fragment
from o2o.shops import queries as shops

OPENED = "o2o_opened"
log = logging.getLogger("o2o.checkin")


def count_opening(poster: Poster) -> None:
    """Count this opening, unless nobody looks (HEAD, prefetch) or the same browser opened this poster just before.

    The one thing that a GET writes here: a page must open even when it cannot be counted.
    """
    poster_id = poster.id
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    if request.method == "HEAD" or "prefetch" in ahead or wants_fragment() or "back" in request.args:
        return
    if cookie.get(OPENED) == poster_id:
        return
    cookie[OPENED] = poster_id
    day = clock.now().astimezone(shops.founded(db.session).zone).date()
    try:
        begin_write()
        rules.note_opened(db.session, poster_id=poster_id, day=day)
        db.session.commit()
    except (Busy, DBAPIError):
        log.warning("could not count an opening", exc_info=True)
        db.session.rollback()
