"""What the issuer does by itself: know its keys from the start, and renew them in time."""

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from o2o.issuer import checks, queries, rules
from o2o.issuer.keys import KeyTrouble, load_keys
from o2o.kernel import clock
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write, db
from o2o.kernel.worker import chore


@chore(every=3600)
def renew(session: Session) -> int:
    """Publish the next key a week before the signing one has had its 90 days."""
    begin_write(session)
    fresh = rules.renew(session, now=clock.now())
    session.commit()
    return int(fresh is not None)


def trouble() -> str:
    """Say what keeps this town's keys from signing; empty when they can."""
    try:
        load_keys(queries.place_of(db.session))
        said = next(iter(checks.keys_have_files(db.session)), "")
    except KeyTrouble as error:
        said = str(error)
    except SQLAlchemyError:  # not migrated yet: there are no passes either
        said = ""
    finally:
        db.session.rollback()
    return said


def init_app(app: Flask) -> None:
    """Bind the town's database to its issuer keys, and let no server start that cannot sign."""
    settings: Settings = app.config["O2O"]
    queries.use(settings.database_url, settings.keys_dir)
    app.extensions.setdefault("o2o.troubles", []).append(trouble)
