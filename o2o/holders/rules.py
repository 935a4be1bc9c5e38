"""Verbs of device keys: register one, once and for all of a phone's logins."""

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.holders.models import DeviceKey, DeviceLogin
from o2o.kernel import tokens
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_

COORDINATE = re.compile(r"[0-9a-f]{64}")
# A phone makes one key; a browser that loses its storage makes another. Far beyond what a person can need.
MOST = 100
BAD_KEY = N_("This phone's key could not be read. Please reload the page and try again.")
TOO_MANY = N_("This account has used too many phones. Please print the pass instead.")


def register(
    session: Session, *, account_id: int, public_id: str, x: object, y: object, now: datetime
) -> DeviceKey:
    """Remember a phone's public key, 64 lower-case hex digits each of x and y, for its account and its login.

    The same key again is the same row. Raises BadInput 422 for what is no point of P-256, RuleBroken beyond MOST
    keys of one account.
    """
    x, y = checked(x, y)
    # Two tabs take turns. Rows that name the account can be written meanwhile, else this could stand crosswise.
    session.get_one(Account, account_id, with_for_update={"key_share": True})
    key = known(session, account_id=account_id, x=x, y=y)
    if key is None:
        held = session.scalar(select(func.count()).where(DeviceKey.account_id == account_id))
        if held is not None and held >= MOST:
            raise RuleBroken("too_many_devices", TOO_MANY)
        key = DeviceKey(account_id=account_id, x=x, y=y, created_at=now)
        session.add(key)
        session.flush()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"public_id": public_id, "account_id": account_id, "device_id": key.id, "at": now}
    latest = {"device_id": key.id, "at": now}
    session.execute(
        insert(DeviceLogin).values(**row).on_conflict_do_update(index_elements=["public_id"], set_=latest)
    )
    return key


def checked(x: object, y: object) -> tuple[str, str]:
    """Return the coordinates of a point of P-256; BadInput 422 for anything else."""
    if not (
        isinstance(x, str) and isinstance(y, str) and COORDINATE.fullmatch(x) and COORDINATE.fullmatch(y)
    ):
        raise BadInput("bad_key", BAD_KEY, status=422)
    # The y is no news once its parity is known: the curve has the other half of the answer.
    point = tokens.point(bytes.fromhex(x), int(y[-1], 16) & 1)
    if point is None or point.public_numbers().y != int(y, 16):
        raise BadInput("bad_key", BAD_KEY, status=422)
    return x, y


def known(session: Session, *, account_id: int, x: str, y: str) -> DeviceKey | None:
    """Return an account's key by its coordinates; None when it was never registered."""
    mine = select(DeviceKey).where(DeviceKey.account_id == account_id, DeviceKey.x == x, DeviceKey.y == y)
    return session.scalars(mine).one_or_none()
