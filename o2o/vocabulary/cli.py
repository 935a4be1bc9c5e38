"""`flask reindex`: write the index of words anew."""

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from o2o.kernel import migrate
from o2o.kernel.db import begin_write, db
from o2o.vocabulary import checks, rules


@click.command("reindex")
@with_appcontext
def reindex() -> None:
    """Write the index of words anew: after an update that says so, or when `flask check` does."""
    begin_write()
    count = rules.rebuild(db.session)
    db.session.commit()
    click.echo(f"{count:,} shops can be found by their words")


@migrate.after_upgrade
def catch_up(session: Session) -> str:
    """Index a town whose tables are older than the index."""
    if not any(checks.shops_indexed(session)):
        return ""
    return f"{rules.rebuild(session):,} shops indexed anew"


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(reindex)
