"""What the passes do by themselves: know their keys from the start, expire when their time is over."""

from flask import Flask
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.passes import ring, rules


def init_app(app: Flask) -> None:
    """Bind the town's database to the issuer keys in its data folder."""
    settings: Settings = app.config["O2O"]
    ring.use(settings.database_url, settings.data_dir)


@chore(every=60)
def expire(session: Session) -> int:
    """Expire passes whose time is over."""
    begin_write(session)
    expired = rules.expire_due(session, now=clock.now())
    session.commit()
    return len(expired)
