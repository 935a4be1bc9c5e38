"""`flask seed` makes the demo town; `flask up` is what `make run` calls: migrate, seed when empty, serve."""

import os
import socket
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from o2o.accounts.queries import account_by_handle
from o2o.accounts.rules import make_sign_in_link
from o2o.demo import life, rules
from o2o.demo.people import HANDLES, SHOWN
from o2o.kernel import migrate
from o2o.kernel.cli import refuse_demo_in_production, serve
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.payments import rules as payments
from o2o.shops import queries as shops


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Make the demo town in an empty database; for good, every page says so."""
    if not migrate.is_current():
        raise click.ClickException("the tables are not there yet; run: flask db upgrade")
    if not _seed():
        click.echo("the demo town is there already")


def _seed() -> bool:
    """Seed, and say what is being done; raises ClickException for a database with real data."""
    from o2o.demo.seed import seed

    settings: Settings = current_app.config["O2O"]
    if settings.is_production:
        raise click.ClickException("production refuses the demo town; import a real one")
    try:
        return seed(
            db.session, payments.provider(settings), say=lambda text: click.echo(f"demo town: {text}")
        )
    except Refusal as refused:
        db.session.rollback()
        raise click.ClickException(refused.sentence % refused.params) from refused


@click.command("up")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@with_appcontext
@click.pass_context
def up(ctx: click.Context, host: str, port: int) -> None:
    """Migrate, seed the demo town into an empty database, and serve with the worker beside."""
    refuse_busy_port(host, port)
    if not migrate.is_current():
        click.echo("preparing the database")
        migrate.upgrade()
        migrate.settle()
    refuse_demo_in_production()
    if not current_app.config["O2O"].is_production and rules.wants_seed(db.session):
        db.session.rollback()
        _seed()
        start_afresh()
    town = shops.town(db.session)
    db.session.rollback()
    base_url = current_app.config["O2O"].base_url
    click.echo(f"\n  {town.name_zh + ' ' + town.name_en if town else 'o2o'}: {base_url}\n")
    if town is not None and town.is_demo:
        tell_how_to_sign_in(base_url)
    ctx.invoke(serve, host=host, port=port, workers=1, with_worker=True)


def start_afresh() -> None:
    """Run the same command again in a process that never seeded: serving does not need that memory."""
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606


def refuse_busy_port(host: str, port: int) -> None:
    """Raise ClickException when something listens there already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} cannot be used ({error.strerror}); choose another one: make run PORT={port + 1}"
            ) from error


def tell_how_to_sign_in(base_url: str) -> None:
    """Print one-time links for the demo's people, and how to make more."""
    begin_write()
    lines = []
    for handle in SHOWN:
        account = account_by_handle(db.session, handle)
        if account is not None:
            token = make_sign_in_link(db.session, account_id=account.id)
            lines.append(f"    {handle:<9} {base_url}/sign-in/{token}")
    db.session.commit()
    click.echo("  Look around without signing in, or be somebody (each link works once, within ten minutes):")
    click.echo("\n".join(lines))
    code = life.a_poster(db.session)
    db.session.rollback()
    if code:
        click.echo(f"  A shop's poster, to check in with: {base_url}/c/{code}")
    click.echo(f"  New links: .venv/bin/flask sign-in-link NAME   ({', '.join(HANDLES)})\n")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(seed_command)
    app.cli.add_command(up)
