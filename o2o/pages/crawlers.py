"""What search engines may read: robots.txt, and a sitemap in parts that are streamed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from o2o.guides.models import Guide
from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed
from o2o.offers import rules as offer_rules
from o2o.offers.models import Offer, Terms
from o2o.pages import source
from o2o.shops import queries as shops
from o2o.shops.models import VISIBLE, Shop

bp = Blueprint("crawlers", __name__)
PART = 5000  # addresses in one part; the protocol allows ten times as many
CHUNK = 500
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
# What needs a sign-in, answers machines, or is one list in a thousand orders.
KEPT_OUT = (
    "/*?", "/c/", "/console", "/healthz", "/inbox", "/invites/", "/language", "/me", "/operator", "/orders/",
    "/passes/", "/readyz", "/reports/", "/reviews/", "/sandbox/", "/scan", "/shops/new", "/sign-in", "/suggest",
    "/till", "/visits/", "/wallet",
)  # fmt: skip
FIXED = (
    "/", "/about/ranking", "/about/offline", "/about/conduct", "/about/merchant-terms", "/about/retention", "/guides",
)  # fmt: skip
Entry = tuple[str, datetime | None]


class Kind(NamedTuple):
    """Pages of one kind: their address, the key that cuts them into parts, and the rows (id, changed)."""

    address: str
    key: Any
    rows: Select[int, datetime]


def kinds(session: Session) -> dict[str, Kind]:
    """Give what the sitemap lists: shops that are there, what can be bought, public guides."""
    shown = select(Shop.id, Shop.updated_at).where(Shop.status.in_(VISIBLE))
    bought = (
        select(Offer.id, Terms.created_at)
        .join(Terms, Terms.id == Offer.terms_id)
        .join(Shop, Shop.id == Offer.shop_id)
        .where(Offer.state == "on_sale", Shop.status.in_(VISIBLE))
    )
    town = shops.town(session)
    if town is not None:
        today = offer_rules.local_day(clock.now(), town.timezone)
        bought = bought.where(or_(Terms.valid_until.is_(None), Terms.valid_until >= today))
    guides = select(Guide.id, Guide.updated_at).where(Guide.state == "public")
    return {
        "shops": Kind("/shops/", Shop.id, shown),
        "offers": Kind("/offers/", Offer.id, bought),
        "guides": Kind("/guides/", Guide.id, guides),
    }


@bp.get("/robots.txt")
@policy(public)
def robots() -> Response:
    """Say what machines may read; of a demo town, whose shops are fictional, nothing."""
    town = shops.town(db.session)
    if town is not None and town.is_demo:
        return plain("User-agent: *\nDisallow: /\n")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEPT_OUT)]
    return plain("\n".join([*lines, "", f"Sitemap: {origin()}/sitemap.xml", ""]))


@bp.get("/sitemap.xml")
@policy(public)
def index() -> Response:
    """Name the parts of the sitemap with the latest change in each."""
    parts: list[Entry] = [("/sitemaps/pages.xml", None)]
    for name, kind in kinds(db.session).items():
        parts += [(f"/sitemaps/{name}-{number}.xml", at) for number, at in numbered(db.session, kind)]
    return xml("sitemapindex", "sitemap", parts)


@bp.get("/sitemaps/<part>.xml")
@policy(public)
def part(part: str) -> Response:
    """Stream one part: at most PART addresses with their last change."""
    if part == "pages":
        return xml("urlset", "url", fixed())
    name, _dash, number = part.partition("-")
    kind = kinds(db.session).get(name)
    if kind is None or not number.isascii() or not number.isdigit() or len(number) > 6 or number[0] == "0":
        raise NotAllowed
    rows = db.session.execute(within(kind, int(number))).all()
    # The rows are here: a slow reader must not keep a transaction open.
    db.session.rollback()
    if not rows:
        raise NotAllowed
    return xml("urlset", "url", [(f"{kind.address}{ident}", at) for ident, at in rows])


def numbered(session: Session, kind: Kind) -> list[tuple[int, datetime]]:
    """Number the parts that hold something, each with its latest change; a row stays in its part for ever."""
    changed = kind.rows.selected_columns[1]
    number = (kind.key - 1) // PART
    grouped = kind.rows.with_only_columns(number + 1, func.max(changed)).group_by(number).order_by(number)
    return [(row[0], row[1]) for row in session.execute(grouped)]


def within(kind: Kind, number: int) -> Select[int, datetime]:
    """Select the rows of one part."""
    first = (number - 1) * PART
    return kind.rows.where(kind.key > first, kind.key <= first + PART).order_by(kind.key)


def fixed() -> list[Entry]:
    """List the pages that are there in every town; those the operator wrote with the file's own time."""
    folder = current_app.config["O2O"].data_dir / "pages"
    found: list[Entry] = [(path, None) for path in FIXED]
    for name, (address, _title) in source.PAGES.items():
        marks = [source.find(folder, name, language).mark for language in source.LANGUAGES]
        latest = max((mark[0] for mark in marks if mark), default=None)
        found.append((address, datetime.fromtimestamp(latest / 1e9, UTC) if latest else None))
    return found


def origin() -> str:
    """Give the site's public origin."""
    return str(current_app.config["O2O"].base_url)


def xml(root: str, tag: str, entries: Sequence[Entry]) -> Response:
    """Answer a list of addresses in pieces of CHUNK."""
    site = origin()

    def pieces() -> Iterator[str]:
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>\n'
        for start in range(0, len(entries), CHUNK):
            yield "".join(one(site, tag, *entry) for entry in entries[start : start + CHUNK])
        yield f"</{root}>\n"

    response = Response(pieces(), mimetype="application/xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def one(site: str, tag: str, path: str, at: datetime | None) -> str:
    """Write one address; ours need no escaping: they are made of our words and numbers."""
    changed = f"<lastmod>{at:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if at else ""
    return f"<{tag}><loc>{site}{path}</loc>{changed}</{tag}>\n"


def plain(text: str) -> Response:
    """Answer plain text that may be kept for an hour."""
    response = Response(text, mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
