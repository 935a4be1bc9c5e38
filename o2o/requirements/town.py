"""The day in the town, from which notice is reckoned."""

from datetime import date

from o2o.kernel import clock
from o2o.kernel.db import db
from o2o.offers.rules import local_day
from o2o.shops import queries as shops


def today() -> date:
    """Give the day in the town."""
    return local_day(clock.now(), shops.founded(db.session).timezone)
