"""Getters of passes; the one that takes an account is the permission."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy import Select, bindparam, case, select
from sqlalchemy.orm import Session

from o2o.issuer import queries as issuer
from o2o.kernel.errors import NotAllowed
from o2o.kernel.money import largest_remainder
from o2o.kernel.tokens import grouped
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.passes.proof import GREEN, STEP_SECONDS, freshness, live_text, proof_holds, step_of
from o2o.passes.qr import qr_svg
from o2o.passes.shapes import token_of
from o2o.passes.token import Shown, Token, TokenRefused, qr_text, read, verify
from o2o.shops.models import Shop

__all__ = [
    "GREEN", "STEP_SECONDS", "Held", "Shown", "Token", "TokenRefused", "digits", "drawn", "freshness", "held_all",
    "held_pass", "live_text", "own_pass", "pass_by_code", "pass_by_id", "proof_holds", "read", "read_shown",
    "read_token", "share_of_uses", "short_groups", "state_at", "step_of", "token_of", "value_left", "wallet",
    "with_terms",
]  # fmt: skip

# What a wallet shows first, and how many of the passes that are over it shows at once.
OPEN_STATES = ("valid", "refunding")
ENDED_SHOWN = 50


class Held(NamedTuple):
    """A pass with its terms and its shop."""

    pass_: Pass
    terms: Terms
    shop: Shop


def wallet(session: Session, account_id: int, *, ended: int | None = ENDED_SHOWN) -> list[Held]:
    """List an account's passes: open ones by expiry, then at most `ended` others, the latest change first."""
    mine = _held().where(Pass.account_id == account_id)
    still_open = mine.where(Pass.state.in_(OPEN_STATES))
    over = mine.where(Pass.state.not_in(OPEN_STATES)).order_by(Pass.changed_at.desc(), Pass.id).limit(ended)
    soonest = case((Pass.state == "valid", 0), else_=1)
    rows = list(session.execute(still_open.order_by(soonest, Pass.expires, Pass.id)))
    rows += session.execute(over)
    return [Held(*row) for row in rows]


def own_pass(session: Session, *, account_id: int, pass_id: str) -> Held:
    """Return an account's own pass; NotAllowed when it is missing or somebody else's."""
    mine = _held().where(Pass.id == pass_id, Pass.account_id == account_id)
    row = session.execute(mine).one_or_none()
    if row is None:
        raise NotAllowed
    return Held(*row)


def pass_by_id(session: Session, pass_id: str) -> Pass | None:
    """Return a pass by the id in its token."""
    return session.get(Pass, pass_id)


def pass_by_code(session: Session, short_code: str) -> Pass | None:
    """Return a pass by its short code in the stored form (kernel.tokens.normal_code)."""
    return session.scalars(select(Pass).where(Pass.short_code == short_code)).one_or_none()


def with_terms(session: Session, *, pass_id: str | None = None, short_code: str | None = None) -> Held | None:
    """Return a pass, its terms and its shop by id or short code, read afresh."""
    by_id = pass_id is not None
    row = session.execute(
        _BY_ID if by_id else _BY_CODE, {"key": pass_id if by_id else short_code}
    ).one_or_none()
    return None if row is None else Held(*row)


def held_pass(session: Session, pass_id: str) -> Held:
    """Return a pass, its terms and its shop; NotAllowed when there is none. Says nothing about permission."""
    found = with_terms(session, pass_id=pass_id)
    if found is None:
        raise NotAllowed
    return found


def held_all(session: Session, passes: Iterable[Pass]) -> dict[str, Held]:
    """Return passes that are at hand with their terms and their shops, by the passes' ids: two statements."""
    found = list(passes)
    terms = select(Terms).where(Terms.id.in_({pass_.terms_id for pass_ in found}))
    shops = select(Shop).where(Shop.id.in_({pass_.shop_id for pass_ in found}))
    versions = {row.id: row for row in session.scalars(terms)}
    places = {row.id: row for row in session.scalars(shops)}
    return {pass_.id: Held(pass_, versions[pass_.terms_id], places[pass_.shop_id]) for pass_ in found}


def read_shown(session: Session, text: str) -> Shown:
    """Return what scanned digits carry once the issuer's signature holds; TokenRefused otherwise.

    A proof is not checked yet (`proof_holds`), nor its age (`freshness`).
    """
    return read(text, keys=issuer.verifying_keys(session))


def read_token(session: Session, text: str) -> Token:
    """Return what scanned digits say once the issuer's signature holds; TokenRefused otherwise."""
    return verify(text, keys=issuer.verifying_keys(session))


def state_at(pass_: Pass, now: datetime) -> str:
    """Say the state to show: the stored one, or `early` and `expired` where only time has passed."""
    if pass_.state == "valid" and now < pass_.not_before:
        return "early"
    if pass_.state == "valid" and now >= pass_.expires:
        return "expired"
    return pass_.state


def value_left(pass_: Pass) -> int:
    """Return what the unused uses are worth in minor units: the amount of a refund."""
    return pass_.paid - pass_.spent


def share_of_uses(pass_: Pass, first_number: int, quantity: int) -> int:
    """Return the value of `quantity` unused uses from use `first_number` (1..uses) on, in minor units.

    By largest remainder over what is not yet spent. Raises ValueError when one of them is used.
    """
    first = first_number - (pass_.uses - pass_.uses_left) - 1
    if first < 0 or quantity < 0 or first + quantity > pass_.uses_left:
        raise ValueError("only unused uses have a share")
    return sum(largest_remainder(value_left(pass_), [1] * pass_.uses_left)[first : first + quantity])


def drawn(pass_: Pass, label: str, *, error: str = "m") -> Markup:
    """Return the pass's QR code as inline SVG at a level of correction; `label` is what a screen reader says."""
    return qr_svg(qr_text(pass_.token), error=error, label=label)


def digits(pass_: Pass) -> str:
    """Return the digits of the pass's QR code."""
    return qr_text(pass_.token)


def short_groups(pass_: Pass) -> str:
    """Return the short code in three groups, as people type it."""
    return grouped(pass_.short_code)


def _held() -> Select[Pass, Terms, Shop]:
    rows = select(Pass, Terms, Shop).join(Terms, Terms.id == Pass.terms_id)
    return rows.join(Shop, Shop.id == Pass.shop_id)


# Built once: the till asks this at every scan.
_FRESH = _held().execution_options(populate_existing=True)
_BY_ID = _FRESH.where(Pass.id == bindparam("key"))
_BY_CODE = _FRESH.where(Pass.short_code == bindparam("key"))
