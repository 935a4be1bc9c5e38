"""What tests of the pages do: visit, press, look what came of it."""

from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.checkin.models import PosterDay, Visit
from o2o.kernel.db import db


def opened() -> int:
    total = db.session.scalar(select(func.sum(PosterDay.opened))) or 0
    db.session.rollback()
    return total


def visits() -> list[Visit]:
    rows = list(db.session.scalars(select(Visit)))
    db.session.rollback()
    return rows


def press(client: FlaskClient, code: str, **more: str):  # type: ignore[no-untyped-def]
    return client.post(f"/c/{code}", data={"key": "press-1", "bucket": "none", **more})
