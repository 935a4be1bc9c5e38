"""Which table holds what of a person: the one list behind "my data" and "erase me".

Rooms above are named by table, never imported. A test walks the metadata: a table that is on neither list
and a foreign key to an account that is not named here fail it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, ColumnElement, Table, case, delete, func, null, or_, select, update
from sqlalchemy.orm import Session

from o2o.accounts.columns import LEDGER, PII, PUBLIC, TEXTS
from o2o.accounts.models import Account
from o2o.kernel import clock, journal
from o2o.kernel.db import Base, new_id
from o2o.kernel.words import N_


class Held(NamedTuple):
    """How a table's rows belong to a person, and what erasing does to them.

    `by` are the columns that name the account (or, with `through`, a row of that table). PII rows are deleted;
    LEDGER rows stay, pseudonymous, with the columns emptied that columns.py labels pii: they are of the account that
    the first of `by` names, or the one `whose` says. `blank` says what empty is where it is not simply nothing.
    `hidden` columns are secrets and never exported. `told` lists the ids of deleted rows in the fact under this
    name, for a room that keeps files of them.
    """

    kind: str
    by: tuple[str, ...] = ("account_id",)
    hidden: tuple[str, ...] = ()
    blank: Mapping[str, Any] = {}
    whose: Mapping[str, str] = {}
    through: str | None = None
    told: str | None = None


HELD: dict[str, Held] = {
    "account": Held(LEDGER, by=("id",), blank={"handle": None}),
    "passkey": Held(PII, hidden=("public_key", "user_handle")),
    "recovery_key": Held(PII, hidden=("digest",)),
    "recovery_code": Held(PII, hidden=("digest",)),
    "challenge": Held(PII, hidden=("challenge", "user_handle")),
    "sign_in_link": Held(PII, hidden=("digest",)),
    "device_login": Held(PII),
    "login": Held(PII, hidden=("digest",)),
    "message": Held(PII),
    "role": Held(LEDGER),
    "invite": Held(LEDGER, by=("used_by",), hidden=("digest",)),
    "purchase": Held(LEDGER),
    "purchase_pass": Held(LEDGER, by=("pass_id",), through="pass"),
    "device_key": Held(LEDGER),
    "pass": Held(LEDGER, hidden=("token",)),
    "pass_form": Held(LEDGER, by=("pass_id",), hidden=("key", "code"), through="pass"),
    "refund": Held(LEDGER, by=("pass_id",), through="pass"),
    # What staff scanned is a guest's code, and no part of what the member of staff may take along.
    "redemption": Held(
        LEDGER,
        by=("staff_id", "annulled_by"),
        hidden=("digest", "code"),
        whose={"annul_reason": "annulled_by"},
    ),
    "scan": Held(LEDGER, by=("staff_id",)),
    "till_entry": Held(LEDGER, by=("staff_id",), hidden=("raw",)),
    "claim": Held(LEDGER, by=("staff_id",), hidden=("text",)),
    "conflict": Held(LEDGER, by=("decided_by",)),
    "strike": Held(LEDGER, by=("account_id", "decided_by"), blank={"said": None, "said_at": None}),
    "cover": Held(LEDGER),
    "till": Held(LEDGER, by=("asked_by", "active_by", "revoked_by")),
    "till_pin": Held(PII, hidden=("salt", "hash")),
    "offline_rules": Held(LEDGER, by=("changed_by",)),
    "consent": Held(PII),
    "visit": Held(LEDGER, by=("account_id", "confirmed_by")),
    "last_visit": Held(PII),
    "review": Held(LEDGER),
    "review_photo": Held(PII, by=("photo_id",), through="photo"),
    "reply": Held(LEDGER),
    "answer": Held(LEDGER),
    "line": Held(PII),
    "report": Held(LEDGER, by=("account_id", "decided_by")),
    # Notes go before the guest they are about; what staff wrote of others stays while the others do.
    "guest_note": Held(PII, by=("guest_id",), hidden=("staff_id",), through="guest"),
    "guest": Held(PII, hidden=("key",)),
    "look": Held(LEDGER, by=("account_id", "staff_id"), hidden=("account_id", "staff_id")),
    "act": Held(LEDGER),
    "payout": Held(LEDGER, hidden=("sealed",)),
    "menu_import": Held(LEDGER),
    "shop_claim": Held(LEDGER, by=("account_id", "decided_by")),
    "submission": Held(LEDGER, by=("account_id", "decided_by")),
    "merchant_terms": Held(LEDGER, by=("published_by",)),
    "sanction": Held(LEDGER, by=("created_by", "appealed_by", "decided_by"), whose={"appeal": "appealed_by"}),
    "shop_group": Held(LEDGER, by=("created_by",)),
    "closing": Held(LEDGER),
    "picture": Held(PII, by=("photo_id",), through="photo"),
    # After all that points to it.
    "photo": Held(PII, told="photos"),
}

# Tables that hold nothing of a person, or only ids of what is on the list above, by the label of their numbers.
OTHERS: dict[str, str] = {
    **dict.fromkeys(
        [
        "town", "shop", "special_day", "offer", "offer_plan", "menu", "menu_line", "requirement",
        "branch", "shared_offer", "shared_part", "terms", "issuer_key", "poster", "guide",
        "guide_entry", "shop_term", "phrase", "phrase_use", "phrase_key", "feature", "feature_cell"
        ],
        PUBLIC,
    ),
    **dict.fromkeys(
        [
        "pool", "hold", "hold_part", "book", "posting", "leg", "balance", "seal", "intent", "payback",
        "notice", "sandbox_payment", "sandbox_refund", "sandbox_call", "feed", "tiding", "poster_day",
        "fact", "delivery", "posted", "limit_hit"
        ],
        LEDGER,
    ),
}  # fmt: skip

# What would be lost with the account: table, live states, sentence.
ALIVE = (
    (
        "pass",
        ("valid",),
        N_("Passes that are still valid: %(num)s. Nobody can show them or have them refunded any more."),
    ),
    ("purchase", ("held", "paying"), N_("Orders that are not finished: %(num)s. They will lapse.")),
    ("pass", ("refunding",), N_("Refunds on their way: %(num)s. They are paid out all the same.")),
)


def export(session: Session, *, account_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return every row that belongs to an account, without secrets, by table."""
    return {name: _rows(session, name, held, account_id) for name, held in HELD.items()}


def counts(session: Session, *, account_id: int) -> dict[str, int]:
    """Count what belongs to an account, by table, in one query; tables without anything are left out."""
    numbers = [
        select(func.count())
        .select_from(Base.metadata.tables[name])
        .where(_owned(name, held, account_id))
        .scalar_subquery()
        .label(name)
        for name, held in HELD.items()
    ]
    row = session.execute(select(*numbers)).one()
    return {name: number for name, number in row._mapping.items() if number}


def alive(session: Session, *, account_id: int) -> list[tuple[str, int]]:
    """List what would be lost by erasing: untranslated sentences with their number."""
    found = []
    for name, states, sentence in ALIVE:
        table = Base.metadata.tables[name]
        wanted = select(func.count()).where(_owned(name, HELD[name], account_id), table.c.state.in_(states))
        count = session.scalar(wanted) or 0
        if count:
            found.append((sentence, count))
    return found


def erase(session: Session, *, account_id: int) -> None:
    """Delete what is personal, empty names, close the account; money rows stay under its bare number.

    The fact account.erased lets rooms above end roles. Erasing twice changes nothing.
    """
    account = session.get_one(Account, account_id, with_for_update=True)
    if account.erased_at is not None:
        return
    told: dict[str, list[Any]] = {}
    for name, held in HELD.items():
        table, mine = Base.metadata.tables[name], _owned(name, held, account_id)
        if held.told:
            ids = list(session.scalars(select(table.c.id).where(mine)))
            told.update({held.told: ids} if ids else {})
        if held.kind == PII:
            session.execute(delete(table).where(mine))
        else:
            _empty(session, name, held, account_id)
    session.refresh(account)
    account.is_operator = False
    account.opaque = new_id()
    account.erased_at = clock.now()
    journal.record(session, "account.erased", account_id=account_id, **told)


def _empty(session: Session, name: str, held: Held, account_id: int) -> None:
    """Empty a person's own words in rows that stay; each by the column that says whose they are."""
    table = Base.metadata.tables[name]
    for column in words_of(name):
        empty = {column.name: null() if isinstance(column.type, JSON) else _nothing(column)}
        author = held.whose.get(column.name, held.by[0])
        session.execute(update(table).where(table.c[author] == account_id).values({**empty, **held.blank}))


def words_of(name: str) -> list[Column[Any]]:
    """List the columns of a table that hold a person's own words."""
    table: Table = Base.metadata.tables[name]
    return [table.c[column] for column in TEXTS.get(name, {}).get(PII, "").split()]


def _nothing(column: Column[Any]) -> Any:
    """Say what an emptied text is: no row pointed at any more, else an empty one where there was one."""
    return null() if column.foreign_keys else case((column.is_(None), null()), else_="")


def _owned(name: str, held: Held, account_id: int) -> ColumnElement[bool]:
    table: Table = Base.metadata.tables[name]
    if held.through is None:
        return or_(*(table.c[column] == account_id for column in held.by))
    parent = Base.metadata.tables[held.through]
    return table.c[held.by[0]].in_(
        select(parent.c.id).where(_owned(held.through, HELD[held.through], account_id))
    )


def _rows(session: Session, name: str, held: Held, account_id: int) -> list[dict[str, Any]]:
    table = Base.metadata.tables[name]
    columns = [
        _shown(table, held, column, account_id) for column in table.c if column.name not in held.hidden
    ]
    found = session.execute(select(*columns).where(_owned(name, held, account_id)))
    return [{key: _plain(value) for key, value in row._mapping.items()} for row in found]


def _shown(table: Table, held: Held, column: Column[Any], account_id: int) -> ColumnElement[Any]:
    """Leave other people's words out of what one takes along: of rows one decided on, for instance."""
    if held.kind == PII or len(held.by) == 1 or column not in set(words_of(table.name)):
        return column
    author = held.whose.get(column.name, held.by[0])
    return case((table.c[author] == account_id, column), else_=null()).label(column.name)


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
