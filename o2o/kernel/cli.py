"""Commands that need no room: migrate, serve, work, check."""

import sys

import click
from flask import Flask
from flask.cli import with_appcontext

from o2o.kernel import checks, worker
from o2o.kernel.db import db


@click.command("work")
@click.option("--once", is_flag=True, help="Do everything that is due and stop.")
@with_appcontext
def work(once: bool) -> None:
    """Run the worker: facts, holds, expiries, refunds."""
    import time

    while True:
        worker.run_due(db.session, everything=once)
        db.session.remove() if hasattr(db.session, "remove") else db.session.rollback()
        if once:
            return
        time.sleep(1)


@click.command("check")
@with_appcontext
def check() -> None:
    """Check every invariant; exit 1 and name the rows when one is broken."""
    lines = checks.broken(db.session)
    for line in lines:
        click.echo(line)
    if lines:
        sys.exit(1)
    click.echo(f"all {len(checks.CHECKS)} invariants hold")


def init_cli(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(work)
    app.cli.add_command(check)
