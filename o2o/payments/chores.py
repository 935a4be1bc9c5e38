"""What the worker does for payments."""

from flask import current_app
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.worker import chore
from o2o.payments import calls
from o2o.payments.providers import takes_money
from o2o.payments.sandbox import provider


@chore(every=2)
def send_bank_calls(session: Session) -> int:
    """Play the bank's postman, where the bank is the pretended one."""
    settings = current_app.config["O2O"]
    if not takes_money(settings):
        return 0
    bank = provider(settings)
    send = calls.by_http(settings.base_url)
    return calls.send_due(session, bank, send=send, now=clock.now())  # type: ignore[arg-type]
