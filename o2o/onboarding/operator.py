"""The operator opens a claim for somebody to come, invites them, and ends it when nobody came."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, deeds, journal
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.web import see_other, toast
from o2o.onboarding import queries, rules
from o2o.shops.links import keep_link

bp = Blueprint("onboarding_operator", __name__, url_prefix="/operator")
FRESH = 5  # minutes since the last sign-in, for inviting somebody to take a shop


@bp.post("/listings/<int:shop>/claim")
@policy(operator, fresh=FRESH)
def open_claim(shop: int) -> Response:
    """Open a claim of a listing for somebody to come, and invite them at once or later."""
    owner, key = f"account:{current_user.account_id}", posted_key()
    is_later = request.form.get("do") == "prepare"
    content, token = {"claim_of": shop, "later": is_later}, None
    begin_write()
    where = once(db.session, owner, key, content)
    if where is None:
        row = rules.prepare(db.session, shop_id=shop, now=clock.now())
        token = None if is_later else rules.invite(db.session, claim_id=row.id, now=clock.now())
        where = f"/operator/claims/{row.id}"
        remember(db.session, owner, key, content, where)
        db.session.commit()
        announce(shop, token)
    journal.deliver(db.session)
    return see_other(where)


@bp.post("/claims/<int:claim>/invite")
@policy(operator, fresh=FRESH)
def invite(claim: int) -> Response:
    """Make the one-time link of a claim that waits for its person."""
    owner, key, content = f"account:{current_user.account_id}", posted_key(), {"invite_to": claim}
    where = f"/operator/claims/{claim}"
    begin_write()
    if once(db.session, owner, key, content) is None:
        shop_id = queries.claim(db.session, claim).shop_id
        token = rules.invite(db.session, claim_id=claim, now=clock.now())
        deeds.note(db.session, shop_id=shop_id)
        remember(db.session, owner, key, content, where)
        db.session.commit()
        announce(shop_id, token)
    journal.deliver(db.session)
    return see_other(where)


@bp.post("/claims/<int:claim>/end")
@policy(operator)
def end(claim: int) -> Response:
    """End a claim that nobody took up; its invitation ends with it."""
    begin_write()
    row = rules.end_unclaimed(db.session, claim_id=claim, now=clock.now())
    deeds.note(db.session, shop_id=row.shop_id)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Ended. The listing is free again."))
    return see_other(f"/operator/claims/{claim}")


def announce(shop_id: int, token: str | None) -> None:
    """Keep a fresh link for the next page, which shows it once."""
    if token is not None:
        keep_link(shop_id, token)
