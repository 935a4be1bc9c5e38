"""What the tests of binding do: hold a pass, bind it, print it."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.binding import rules
from o2o.holders.models import DeviceKey
from o2o.kernel import clock
from o2o.passes.models import Pass
from tests import factories

CODES = ["7K2MQ8X40W3VZ9AB", "7K2MQ8X40W3VZ9AC"]


def phone(session: Session, number: int, handle: str = "guest") -> DeviceKey:
    return factories.make_device(session, handle, number)


def held(session: Session) -> Pass:
    """Give the guest a bearer pass."""
    shop = factories.make_shop(session)
    return factories.make_pass(session, factories.make_terms(session, shop))


def bind(session: Session, pass_: Pass, device: DeviceKey, **more: object) -> Pass:
    given = {"key": None, "recovery": None, "now": clock.now(), "account_id": pass_.account_id, **more}
    return rules.bind(session, pass_id=pass_.id, device=device, **given)  # type: ignore[arg-type]


def put_on_paper(session: Session, pass_: Pass, key: str | None = None, now: datetime | None = None) -> Pass:
    given = {"account_id": pass_.account_id, "pass_id": pass_.id, "now": now or clock.now()}
    return rules.print_pass(session, key=key, **given)
