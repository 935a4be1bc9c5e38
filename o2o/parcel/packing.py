"""Everything a shop takes along, in one ZIP file: written piece by piece, so that it fits any memory."""

import hashlib
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, true
from sqlalchemy.orm import Session

from o2o.checkin.models import Visit
from o2o.guests import queries as guests
from o2o.kernel.db import Base
from o2o.ledger.queries import shop_book
from o2o.parcel import queries, readme, sheets
from o2o.parcel.carried import CARRIED, Carried
from o2o.parcel.own import OWN
from o2o.photos import queries as photos
from o2o.photos.models import Photo
from o2o.pictures.models import Picture
from o2o.shops import queries as shops
from o2o.shops.models import Role

IN_MEMORY = 1024 * 1024
AT_ONCE = 500  # rows read from the database at a time
NOBODY, FORMER = "platform", "former"
VISITED = ("arrived", "confirmed", "first")


class Order(NamedTuple):
    """For which shop a parcel is made, how money and times read there, and what keeps pseudonyms its own.

    `since` is when it came into its owners' hands, see shops.kept_from: what was before was somebody else's.
    """

    shop_id: int
    currency: str
    zone: ZoneInfo
    locale: str
    secret: str
    since: datetime | None = None


def make(session: Session, order: Order) -> IO[bytes]:
    """Write the parcel and return it rewound; on disk from a megabyte on. Reads only.

    Holds a read transaction as long as it takes: seconds for a shop of years.
    """
    parcel: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 – the answer closes it
    with zipfile.ZipFile(parcel, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as box:
        box.writestr("README.txt", readme.text())
        names = Names(session, order)
        for name, carried in CARRIED.items():
            columns = columns_of(name, carried)
            _put(box, f"json/{name}.json", sheets.as_json(rows_of(session, name, carried, order, names)))
            rows = rows_of(session, name, carried, order, names)
            _put(
                box, f"csv/{name}.csv", sheets.as_csv(columns, rows, currency=order.currency, zone=order.zone)
            )
        _put(box, "csv/visits_per_day.csv", _visits(session, order))
        for photo in _pictures(session, order.shop_id):
            path = photos.file_of(session, photo, "l")
            if path.is_file():
                box.write(path, f"photos/{photo.id}.webp", compress_type=zipfile.ZIP_STORED)
    parcel.seek(0)
    return parcel


class Names:
    """What people are called in a parcel: staff by their name here, guests and voices by pseudonyms."""

    def __init__(self, session: Session, order: Order) -> None:
        self.order = order
        worked = select(Role.account_id, Role.id, Role.name, shops.own(Role.created_at, order.since)).where(
            Role.shop_id == order.shop_id, Role.kind != "claimant"
        )
        self.staff = {
            account: f"R{role} {name}".strip() if is_ours else FORMER
            for account, role, name, is_ours in session.execute(worked.order_by(Role.id))
        }

    def of_staff(self, value: Any) -> str | None:
        """Name who acted: a row's account number, or the label "account:7"."""
        if value is None:
            return None
        number = str(value).removeprefix("account:")
        return self.staff.get(int(number), NOBODY) if number.isdigit() else NOBODY

    def of_guest(self, account_id: int | None) -> str | None:
        """Name somebody who came, as staff know them."""
        return None if account_id is None else self._pseudonym("guest", account_id)

    def of_voice(self, account_id: int | None) -> str | None:
        """Name somebody who said something, as the public knows them."""
        return None if account_id is None else self._pseudonym("voice", account_id)

    def _pseudonym(self, purpose: str, account_id: int) -> str:
        shop_id, locale = self.order.shop_id, self.order.locale
        called = shops.guest_alias if purpose == "guest" else shops.voice_alias
        said = f"parcel:{purpose}:{shop_id}:{account_id}".encode()
        key = hashlib.sha256(self.order.secret.encode()).digest()
        tail = hashlib.blake2s(said, key=key, digest_size=4).hexdigest()
        return f"{called(account_id, shop_id, locale)} #{tail}"


def columns_of(name: str, carried: Carried) -> list[str]:
    """List the columns of a table that come along; people's ones are named for what they say."""
    return [column.name for column in Base.metadata.tables[name].c if column.name not in carried.hidden]


def rows_of(
    session: Session, name: str, carried: Carried, order: Order, names: Names
) -> Iterator[dict[str, Any]]:
    """Yield a shop's rows of a table, people under their names here."""
    table: Table = Base.metadata.tables[name]
    mine = carried.where(table, order.shop_id) if carried.where else table.c.shop_id == order.shop_id
    began = true() if order.since is None else OWN[name](table, order.shop_id, order.since)
    wanted = select(*(table.c[column] for column in columns_of(name, carried))).where(mine, began)
    found = session.execute(wanted.order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE))
    called = {
        **dict.fromkeys(carried.guest, names.of_guest),
        **dict.fromkeys(carried.voice, names.of_voice),
        **dict.fromkeys(carried.staff, names.of_staff),
    }
    yield from _balances(session, order) if name == "balance" and order.since else ()
    met = guests.firsts(session, order.shop_id, order.since) if name == "guest" and order.since else {}
    for row in found:
        values = {
            column: called[column](value) if column in called else value
            for column, value in row._mapping.items()
        }
        if name == "guest" and values["agreed_at"] is None:
            values["contact"] = ""
        if row._mapping.get("account_id") in met:
            values["first_at"] = met[row._mapping["account_id"]]
        yield values


def _balances(session: Session, order: Order) -> Iterator[dict[str, Any]]:
    """Sum up what is the owners' own of a book that somebody else began."""
    book = shop_book(order.shop_id)
    for (account, currency), amount in queries.sums(session, order.shop_id, order.since).items():
        yield {"book": book, "account": account, "currency": currency, "amount": amount}


def _visits(session: Session, order: Order) -> Iterator[bytes]:
    """Count arrivals per day of the town and poster: how many, of them confirmed, of them first ones."""
    seen: Counter[tuple[str, int | None, str]] = Counter()
    wanted = select(Visit.at, Visit.poster_id, Visit.confirmed_at, Visit.is_first)
    mine = wanted.where(Visit.shop_id == order.shop_id, shops.own(Visit.at, order.since))
    mine = mine.execution_options(yield_per=AT_ONCE)
    for at, poster, confirmed, is_first in session.execute(mine):
        day = at.astimezone(order.zone).date().isoformat()
        true = {"arrived": True, "confirmed": confirmed is not None, "first": is_first}
        seen.update((day, poster, kind) for kind in VISITED if true[kind])
    places = sorted({place[:2] for place in seen}, key=repr)
    rows = [
        {"day": day, "poster": poster, **{kind: seen[day, poster, kind] for kind in VISITED}}
        for day, poster in places
    ]
    return sheets.as_csv(["day", "poster", *VISITED], rows, currency=order.currency, zone=order.zone)


def _pictures(session: Session, shop_id: int) -> list[Photo]:
    rows = select(Photo).join(Picture, Picture.photo_id == Photo.id).where(Picture.shop_id == shop_id)
    return list(session.scalars(rows.order_by(Picture.position, Picture.id)))


def _put(box: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    with box.open(name, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
