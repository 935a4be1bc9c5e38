"""`flask import-osm`: take over a town from OpenStreetMap files."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from o2o.acts import rules as acts
from o2o.basemap import rules as basemap
from o2o.discovery import rules
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.geo import BBox
from o2o.osm.file import FileRefused
from o2o.osm.read import TownFile, read_town
from o2o.shops import queries as shops

EXAMPLES = 3
COUNTED = (
    ("added", "added"),
    ("updated", "updated"),
    ("same", "unchanged"),
    ("kept", "kept as their owners have them"),
    ("gone", "gone"),
)


@click.command("import-osm")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--timezone", help="IANA zone; else from the coordinates.")
@click.option("--country", help="ISO 3166 code, for holidays; else from the coordinates.")
@click.option("--currency", help="ISO 4217 code; else the country's.")
@click.option("--name-zh", help="The town's name in Chinese; else the first file's name.")
@click.option("--name-en", help="The town's name in English; else the first file's name.")
@click.option("--centre", metavar="LAT,LNG", help="Where the map opens; else the middle of the shops.")
@with_appcontext
def import_osm(
    files: tuple[Path, ...],
    timezone: str | None,
    country: str | None,
    currency: str | None,
    name_zh: str | None,
    name_en: str | None,
    centre: str | None,
) -> None:
    """Import shops, streets and areas from .osm, .osm.gz, .osm.pbf or .geojson FILEs.

    All files of a town belong in one command. Importing again updates; a bad file changes nothing.
    """
    started = time.monotonic()
    title = re.sub(r"[-_.]+", " ", files[0].name.lower().split(".")[0]).strip().title() or "Town"
    name = rules.TownName(
        name_zh or name_en or title, name_en or title, timezone, country, currency, _position(centre)
    )
    try:
        towns = [_read(path) for path in files]
        report = _write([_sheet(town) for town in towns], name)
    except FileRefused as refused:
        raise click.ClickException(f"{refused.sentence % refused.params} Nothing was changed.") from refused
    except Refusal as refused:
        db.session.rollback()
        raise click.ClickException(f"{refused.sentence % refused.params} Nothing was changed.") from refused
    _tell(report, towns)
    click.echo(f"done in {time.monotonic() - started:.1f} s")


def _position(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lat, lng = text.split(",")
        box = BBox.parse(f"{lng},{lat},{lng},{lat}")
    except ValueError as error:
        raise click.BadParameter("two numbers in degrees: LAT,LNG", param_hint="--centre") from error
    return box.south, box.west


def _read(path: Path) -> TownFile:
    """Read one file, with its name in front of whatever is wrong with it."""
    click.echo(f"{path.name}: reading", nl=False)
    try:
        town = read_town(path, progress=lambda count: click.echo(f" … {count:,}", nl=False))
    except FileRefused:
        click.echo("")
        raise
    click.echo(f"\n  {len(town.places):,} places, {len(town.features):,} streets and areas")
    return town


def _sheet(town: TownFile) -> rules.Sheet:
    """Prepare a file for the database: pack its shapes, find the box it covers."""
    shapes = [basemap.shape(item.osm_id, item.kind, item.name, item.lines) for item in town.features]
    if not town.places:
        return rules.Sheet([], shapes, None)
    lats = [place.lat for place in town.places]
    lngs = [place.lng for place in town.places]
    return rules.Sheet(town.places, shapes, BBox(min(lngs), min(lats), max(lngs), max(lats)))


def _write(sheets: Sequence[rules.Sheet], name: rules.TownName) -> rules.Report:
    """Plan the basemap while others may write, then write everything in one transaction."""
    rules.check_town(db.session, sheets=sheets, name=name)
    shapes = {(item.osm_id, item.kind): item for sheet in sheets for item in sheet.shapes}
    box = sheets[0].box if len(sheets) == 1 else None
    click.echo("drawing the map")
    plan = basemap.plan_map(db.session, shapes=shapes.values(), box=box)
    click.echo("writing")
    begin_write()
    report = rules.import_town(db.session, sheets=sheets, plan=plan, name=name)
    acts.record(db.session, verb="import-osm", **{key: report.counts[key] for key, _words in COUNTED})
    db.session.commit()
    shops.forget_town()
    return report


def _tell(report: rules.Report, towns: Sequence[TownFile]) -> None:
    for key, word in COUNTED:
        click.echo(f"{report.counts[key]:>8,}  {word}")
    for line in report.gone[:EXAMPLES]:
        click.echo(f"{'':>12}{line}")
    skipped = [item for town in towns for item in town.skipped]
    reasons = {item.reason: item.sentence for item in skipped}
    counts = {reason: sum(town.stats[reason] for town in towns) for reason in reasons}
    click.echo(f"{sum(counts.values()):>8,}  skipped")
    for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        some = [item for item in skipped if item.reason == reason]
        click.echo(f"{count:>12,}  {reasons[reason] % {'other': 'another one'}}")
        for item in some[:EXAMPLES]:
            other = f" = {item.other}" if item.other else ""
            click.echo(f"{'':>16}{item.osm_id}{other} {item.name}".rstrip())
    click.echo("the basemap was drawn anew" if report.drawn else "the basemap is unchanged")


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(import_osm)
