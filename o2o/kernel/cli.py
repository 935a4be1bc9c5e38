"""Commands that need no room: migrate, serve, work, check, backup, restore."""

import subprocess
import sys
import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from o2o.kernel import backup, checks, deeds, journal, migrate, worker
from o2o.kernel.config import ROOT, Settings
from o2o.kernel.db import begin_write, db

# The worker starts when the server is up: two starts at once on a small machine would keep the first visitor waiting.
WORK_SOON = 'sleep 2; exec "$0" -m flask work'

CONNECTIONS = 800  # at once in one process, below the 1,024 files that most systems let it open
HEADERS_WITHIN = 10_000  # milliseconds


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes; more than one wants PostgreSQL.")
@click.option("--with-worker", is_flag=True, help="Run the worker beside the server.")
@with_appcontext
def serve(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the town (production server)."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings

    settings: Settings = current_app.config["O2O"]
    if workers > 1 and settings.uses_sqlite:
        raise click.ClickException("SQLite serves one process well; give PostgreSQL to run more")
    refuse_demo_in_production()
    refuse_trouble()
    beside = None
    if with_worker:
        beside = subprocess.Popen(["sh", "-c", WORK_SOON, sys.executable], cwd=ROOT)  # noqa: S603, S607 our own words
    try:
        Granian(
            "o2o.kernel.intake:make",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.RSGI,
            workers=workers,
            backpressure=CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
            respawn_failed_workers=True,
            log_access=False,
        ).serve()
    finally:
        if beside is not None:
            beside.terminate()
            beside.wait(10)


def refuse_demo_in_production() -> None:
    """Raise ClickException when a production server is pointed at the demo town."""
    town_of = current_app.extensions.get("o2o.town")
    town = town_of() if town_of else None
    db.session.rollback()
    if town is not None and town.is_demo and current_app.config["O2O"].is_production:
        raise click.ClickException(
            "this is the demo town: production refuses it; use another data folder or database"
        )


def refuse_trouble() -> None:
    """Raise ClickException with what a room says stands in the way of serving, such as keys nobody can read."""
    for look in current_app.extensions.get("o2o.troubles", []):
        said = look()
        if said:
            raise click.ClickException(said)


@click.command("work")
@click.option("--once", is_flag=True, help="Do everything that is due and stop.")
@with_appcontext
def work(once: bool) -> None:
    """Run the worker: facts, holds, expiries, refunds."""
    while True:
        worker.run_due(db.session, everything=once)
        db.session.rollback()
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


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup_command(file: Path) -> None:
    """Write a consistent copy of everything to FILE while the town goes on."""
    try:
        click.echo(f"wrote {backup.backup(file)}")
    except (backup.BadBackup, OSError) as error:
        raise click.ClickException(str(error)) from error
    # The copy is better than none, but a backup without its keys must not look like a good one.
    refuse_trouble()


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_appcontext
def restore_command(file: Path) -> None:
    """Put the backup FILE in place of this town's data, then check it."""
    try:
        backup.restore(file)
        migrate.upgrade()
        migrate.settle()
    except backup.BadBackup as error:
        raise click.ClickException(str(error)) from error
    begin_write()
    deeds.record(db.session, verb="restore")
    db.session.commit()
    # What the copy had not delivered yet has waited since it was made.
    journal.deliver(db.session, everything=True)
    lines = checks.broken(db.session)
    if lines:
        raise click.ClickException("restored, but broken:\n" + "\n".join(lines))
    click.echo("restored; all invariants hold")


def init_cli(app: Flask) -> None:
    """Register the commands."""
    for command in (serve, work, check, backup_command, restore_command, migrate.group):
        app.cli.add_command(command)
