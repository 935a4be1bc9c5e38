"""The tills' one call: hand over what was taken, hear what changed."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.acts import rules as acts
from o2o.claims import queries
from o2o.claims import sync as claims
from o2o.claims.delta import Delta, delta, nothing
from o2o.claims.verdicts import Verdict
from o2o.claims.wire import Asked, asked
from o2o.kernel import clock, journal, limits
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed, Refusal, RuleBroken
from o2o.kernel.web import problem
from o2o.kernel.words import N_
from o2o.redemption import queries as redemption
from o2o.shops import queries as shops
from o2o.tills import queries as tills
from o2o.tills.models import Till

bp = Blueprint("claims", __name__)
PER = timedelta(minutes=10)
MOST_CALLS = 1200
MOST_FACTS = 20
# So long a till may work with no network before somebody signs in on it again.
SESSION = timedelta(hours=12)


def in_problems(view: Callable[[], Response]) -> Callable[[], Response]:
    """Answer what a view refuses in problem JSON, whatever the caller accepts: no till reads a page."""

    @wraps(view)
    def wrapped() -> Response:
        try:
            return view()
        except Refusal as error:
            db.session.rollback()
            response = problem(error.status, error.code, _(error.sentence) % error.params)
            if error.status in (429, 503):
                response.headers["Retry-After"] = "60" if error.status == 429 else "5"
            return response

    return wrapped


@bp.post("/till/sync")
@policy(signed_in)
@in_problems
def sync() -> Response:
    """Take a till's entries in, and tell it what it has not heard."""
    account_id = current_user.account_id
    message = asked(request)
    till = _own_till(account_id, message)
    limits.hit(db.session, "sync", till.id, account_id, most=MOST_CALLS, per=PER)
    verdicts = claims.receive(
        db.session,
        till=till,
        account_id=account_id,
        entries=message.entries,
        head=message.head,
        cursor=message.cursor,
        app=message.app,
        now=clock.now(),
    )
    _note(message, verdicts)
    db.session.commit()
    # What a whole day offline brings is left to the worker: the till waits for its answer.
    journal.deliver(db.session, most=MOST_FACTS)
    return jsonify(_answer(message, account_id, verdicts))


def _note(message: Asked, verdicts: list[Verdict]) -> None:
    """Make a batch that brought something one act, with how many entries came to what; tills call every few seconds."""
    counts = Counter(verdict["verdict"] for verdict in verdicts if verdict["verdict"] != "duplicate")
    if counts:
        detail: dict[str, Any] = {"till": message.till, "entries": counts.total(), **counts}
        acts.note(db.session, shop_id=message.shop, **detail)


def _own_till(account_id: int, message: Asked) -> Till:
    """Return the till of this shop whose staff asks; who left is told so, as the shop's own till must know."""
    till = tills.shop_till(db.session, shop_id=message.shop, till_id=message.till)
    if not shops.works_at(db.session, account_id, message.shop):
        if not queries.ever_worked(db.session, account_id=account_id, shop_id=message.shop):
            raise NotAllowed
        raise RuleBroken("not_staff", N_("You do not work at this shop any more."), status=403)
    if till.state == "waiting":
        raise RuleBroken("till_waiting", N_("The owner has not let this till in yet."))
    return till


def _answer(message: Asked, account_id: int, verdicts: list[Verdict]) -> dict[str, object]:
    now = clock.now()
    till = tills.till(db.session, message.till)
    news, cursor, more = _news(till, message.cursor, now)
    return {
        "now": clock.millis(now),
        "cursor": cursor,
        "more": more,
        "verdicts": verdicts,
        "delta": news,
        "session": {
            "staff": account_id,
            "name": redemption.staff_name(db.session, shop_id=till.shop_id, account_id=account_id),
            "until": clock.millis(now + SESSION),
        },
        "till": {"name": till.name, "state": till.state},
    }


def _news(till: Till, cursor: int, now: datetime) -> tuple[Delta, int, bool]:
    if till.state != "active":
        return nothing(db.session, now), cursor, False
    return delta(db.session, shop_id=till.shop_id, cursor=cursor, now=now)
