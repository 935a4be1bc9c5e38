"""What happens to a payout account: entered, replaced, ended."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.payouts import numbers, queries, seal
from o2o.payouts.models import Payout
from o2o.payouts.queries import Account
from o2o.shops import queries as shops

LONGEST = 80


def set(
    session: Session,
    *,
    shop_id: int,
    account_id: int,
    kind: str,
    holder: str,
    bank: str,
    number: str,
    now: datetime,
) -> Payout:
    """Enter where a shop wants its money; the account before it ends; fact payout.changed.

    The same details again change nothing. Raises RuleBroken 422 with the field that is wrong.
    """
    shops.shop(session, shop_id, lock=True, behind=True)
    wanted = _checked(kind, holder.strip(), bank.strip(), number)
    held = queries.live(session, shop_id)
    if held is not None and queries.opened(session, held) == wanted:
        return held
    _end_live(session, shop_id, now)
    row = Payout(
        shop_id=shop_id,
        account_id=account_id,
        sealed=seal.seal(session, {"shop": shop_id, **wanted._asdict()}),
        tail=numbers.tail(wanted.number),
        created_at=now,
    )
    session.add(row)
    session.flush()
    journal.record(session, "payout.changed", shop_id=shop_id, payout_id=row.id)
    return row


def end(session: Session, *, shop_id: int, now: datetime) -> None:
    """End a shop's account, because the shop closed or whoever claimed it did not get it; none is as good."""
    shops.shop(session, shop_id, lock=True, behind=True)
    _end_live(session, shop_id, now)


def _end_live(session: Session, shop_id: int, now: datetime) -> None:
    rows = select(Payout).where(Payout.shop_id == shop_id, Payout.ended_at.is_(None)).with_for_update()
    for row in session.scalars(rows):
        row.ended_at = now
    session.flush()


def _checked(kind: str, holder: str, bank: str, number: str) -> Account:
    if kind not in numbers.KINDS:
        raise _refuse("kind", N_("Choose a card, an account, an IBAN or a wallet."))
    if not holder:
        raise _refuse("holder", N_("Write the holder's name as the bank knows it."))
    if not bank and kind != "iban":
        raise _refuse("bank", N_("Write which bank or wallet it is."))
    for field, text in (("holder", holder), ("bank", bank)):
        if len(text) > LONGEST:
            sentence = N_("Keep this within %(max)d characters.")
            raise RuleBroken("too_long", sentence, status=422, field=field, max=LONGEST)
    return Account(kind, holder, bank, numbers.read(kind, number))


def _refuse(field: str, sentence: str) -> RuleBroken:
    return RuleBroken(f"bad_{field}", sentence, status=422, field=field)
