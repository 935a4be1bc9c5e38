"""Migrations: `flask db upgrade` and what a developer needs to write the next one."""

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.cli import AppGroup

from o2o.kernel.config import ROOT
from o2o.kernel.db import Base, db

group = AppGroup("db", help="Migrate the database.")


def alembic_config() -> Config:
    """Point Alembic at the migrations folder; the database comes from the app."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the database to `revision` in one transaction; running it twice changes nothing."""
    command.upgrade(alembic_config(), revision)


def head() -> str | None:
    """Return the newest revision that this code knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def current() -> str | None:
    """Return the revision the database is at."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def drift() -> list[str]:
    """List what differs between the models and the migrated database."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(change) for change in compare_metadata(context, Base.metadata)]


@group.command("upgrade")
def upgrade_command() -> None:
    """Migrate to the newest tables."""
    upgrade()
    click.echo(f"database at {current()}")


@group.command("revision")
@click.option("-m", "--message", required=True)
def revision_command(message: str) -> None:
    """Write a migration from the difference between the models and the database."""
    command.revision(alembic_config(), message=message, autogenerate=True)
