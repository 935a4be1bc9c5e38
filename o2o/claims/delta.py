"""What a till must know that it does not know yet, by the feed's cursor; a fixed number of statements."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from o2o.claims.models import Claim
from o2o.claims.verdicts import Use, uses
from o2o.feed import queries as feed
from o2o.issuer import queries as issuer
from o2o.kernel import clock, tokens
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.passes.rules import EXPIRY_GRACE
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from o2o.tills import queries as tills
from o2o.tills.models import Till

Delta = dict[str, Any]
MOST_SUBJECTS = 2000
# Seconds (pass.md, "Offline budget"): a list is green so long, amber so long, then only cheap passes are taken.
FRESH_AGE = 86_400
LAST_AGE = 259_200
# Minor units: with an older list a till takes only what costs nothing.
FLOOR = 0
# How long a till that starts anew is told of claims that lost or were undone.
REMEMBERED = timedelta(days=30)
SHOWABLE = ("valid", "used", "refunding")
OVER = ("refunding", "refunded")
_PASS = (
    Pass.id, Pass.state, Pass.gen, Pass.uses, Pass.uses_left, Pass.paid, Pass.terms_id, Pass.short_code,
    Pass.not_before, Pass.expires, Pass.token,
)  # fmt: skip
_TERMS = (
    Terms.id, Terms.title, Terms.contents, Terms.notes, Terms.weekdays, Terms.from_minute, Terms.to_minute, Terms.uses,
)  # fmt: skip


def delta(session: Session, *, shop_id: int, cursor: int, now: datetime) -> tuple[Delta, int, bool]:
    """Return what changed for a shop's tills after `cursor`, the new cursor, and whether there is more.

    At cursor 0, and for one that the shop's feed never had, everything that still matters, which replaces what the
    till knows. Codes come as hashes, values in minor units, times in minutes as the token carries them.
    """
    epoch = feed.epoch(session, shop_id)
    if not 0 < cursor <= epoch:
        still = (
            Pass.shop_id == shop_id,
            Pass.state.in_((*SHOWABLE, "revoked")),
            Pass.expires > now - EXPIRY_GRACE,
        )
        since = (Claim.shop_id == shop_id, Claim.at > now - REMEMBERED, Claim.standing != "won")
        found = _news(session, still, since, now=now, first=True)
        found |= _settings(session, shop_id, now) | {"first": True, "shops": _shops(session)}
        return found, epoch, False
    news = feed.since(session, shop_id, cursor, most=MOST_SUBJECTS)
    named = (Pass.shop_id == shop_id, Pass.id.in_(news.subjects.get("pass", ())))
    claimed = (Claim.shop_id == shop_id, Claim.id.in_(news.subjects.get("claim", ())))
    found = _news(session, named, claimed, now=now, first=False, terms=news.subjects.get("terms", ()))
    return found | _settings(session, shop_id, now), news.cursor, news.more


def nothing(session: Session, now: datetime) -> Delta:
    """Return the delta of a till that is told nothing any more: the keys, which are public."""
    return {"keys": [key._asdict() for key in issuer.published(session, now)]}


def _news(
    session: Session,
    passes: Iterable[ColumnElement[bool]],
    claims: Iterable[ColumnElement[bool]],
    *,
    now: datetime,
    first: bool,
    terms: Iterable[str] = (),
) -> Delta:
    rows = session.execute(select(*_PASS).where(*passes).order_by(Pass.id)).all()
    shown = [row for row in rows if row.state in SHOWABLE and row.expires > now - EXPIRY_GRACE]
    wanted = {row.terms_id for row in shown} | {int(subject) for subject in terms if subject.isdigit()}
    found: Delta = {
        "terms": [dict(row._mapping) for row in session.execute(select(*_TERMS).where(Terms.id.in_(wanted)))],
        "revoked": [_why(row) for row in rows if row.state in (*OVER, "revoked")],
        "superseded": [[row.id, row.gen] for row in shown if row.gen],
        "used": [_used(row) for row in shown if not first or row.uses_left < row.uses],
        "codes": [_code(row) for row in shown],
    }
    if not first:
        seen = {row.id for row in shown}
        found["live"] = [row.id for row in rows if row.state not in (*OVER, "revoked")]
        found["gone"] = [tokens.code_hash(row.short_code) for row in rows if row.id not in seen]
    return found | _claims(session, claims)


def _why(row: Any) -> list[str]:
    """Say in the till's own words why a pass is void: "refund" is a variant of revoked."""
    return [row.id, "refund" if row.state in OVER else ""]


def _used(row: Any) -> list[Any]:
    return [row.id, row.uses - row.uses_left, row.uses]


def _code(row: Any) -> list[Any]:
    begins, ends = clock.millis(row.not_before) // 60_000, clock.millis(row.expires) // 60_000
    code = tokens.code_hash(row.short_code)
    # The token's second byte holds its flags.
    return [code, row.id, row.gen, row.terms_id, begins, ends, row.uses, row.paid, row.token[1]]


def _claims(session: Session, where: Iterable[ColumnElement[bool]]) -> Delta:
    """List claims that were undone, those that lost, and as settled those that have no conflict any more."""
    rows = session.execute(select(Claim, Till.name).join(Till, Till.id == Claim.till_id).where(*where)).all()
    rivals = uses(session, {claim.against for claim, _ in rows if claim.against})
    conflicts = [
        _conflict(claim, till, rivals.get(claim.against or ""))
        for claim, till in rows
        if claim.standing == "lost"
    ]
    return {
        "annulled": [claim.id for claim, _ in rows if claim.standing == "annulled"],
        "conflicts": conflicts,
        "settled": [claim.id for claim, _ in rows if claim.standing != "lost"],
    }


def _conflict(claim: Claim, till: str, rival: Use | None) -> dict[str, Any]:
    return {
        "claim_id": claim.id,
        "pass": claim.pass_id,
        "cause": claim.cause or "",
        "at": clock.millis(claim.at),
        "till": till,
        "won_at": rival.at if rival else None,
        "won_till": rival.till if rival else "",
    }


def _settings(session: Session, shop_id: int, now: datetime) -> Delta:
    """Give what is small enough to be told every time: keys, staff, the offline rules, the town's clock and coin."""
    town = shops.founded(session)
    limits = tills.offline_rules(session, shop_id)
    return {
        **nothing(session, now),
        "roster": [line._asdict() for line in tills.roster(session, shop_id)],
        "rules": {
            "bearer_offline": limits.bearer,
            "most_claims": limits.most_claims,
            "most_each": limits.most_each,
            "most_total": limits.most_total,
            "fresh_age": FRESH_AGE,
            "last_age": LAST_AGE,
            "floor": FLOOR,
        },
        "timezone": town.timezone,
        "currency": town.currency,
        "first": False,
    }


def _shops(session: Session) -> dict[int, dict[str, str]]:
    """Name every shop that sells something here, for a guest who stands at the wrong counter."""
    sells = or_(Shop.live, Shop.id.in_(select(Terms.shop_id).distinct()))
    rows = (
        select(Shop.id, Shop.name, Shop.address)
        .where(sells, Shop.status.not_in(("gone", "proposed")))
        .order_by(Shop.id)
    )
    return {
        row.id: {"name": row.name, "address": row.address or ""}
        for row in session.execute(rows.order_by(Shop.id))
    }
