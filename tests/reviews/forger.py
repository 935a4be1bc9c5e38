"""Insert a row past every rule and name the constraint that refuses it, on both databases."""

from typing import Any

from sqlalchemy import Table, insert, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.kernel.db import Base, begin_write, db


def forge(table_name: str, values: dict[str, Any], *, by_orm: bool = False) -> set[str]:
    """Insert by a raw statement, or through the model's class; return who refused, nothing when it went in."""
    table = Base.metadata.tables[table_name]
    db.session.rollback()
    begin_write()
    try:
        if by_orm:
            db.session.add(model(table)(**values))
            db.session.flush()
        else:
            db.session.connection().execute(insert(table).values(**values))
    except DBAPIError as error:
        db.session.rollback()
        return named(error, table, values)
    db.session.rollback()
    return set()


def model(table: Table) -> Any:
    """Find the class of a table."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)


def named(error: DBAPIError, table: Table, values: dict[str, Any]) -> set[str]:
    """Name the constraints behind a refusal; a NOT NULL is named by its column."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None:
        name = diag.constraint_name or f"{table.name}.{diag.column_name} not null"
        # PostgreSQL checks foreign keys in the order of their triggers' names, which differ from run to run.
        return {name, *loose_ends(db.session, table, values)} if name.startswith("fk_") else {name}
    kind, _, where = str(error.orig).partition(" constraint failed")
    where = where.removeprefix(": ")
    if kind == "FOREIGN KEY":
        return strays(db.session, table, values)
    if kind == "NOT NULL":
        return {f"{where} not null"}
    if kind == "UNIQUE":
        columns = [name.split(".")[1] for name in where.split(", ")]
        return {
            str(one.name)
            for one in table.constraints
            if [c.name for c in getattr(one, "columns", ())] == columns
        }
    return {where}


def loose_ends(session: Session, table: Table, values: dict[str, Any]) -> set[str]:
    """Name every foreign key whose parent is not there."""
    found = set()
    for key in table.foreign_key_constraints:
        pairs = [(element.column, values.get(element.parent.name)) for element in key.elements]
        if all(value is not None for _column, value in pairs):
            wanted = select(literal(1)).where(*(column == value for column, value in pairs))
            if session.execute(wanted).first() is None:
                found.add(str(key.name))
    session.rollback()
    return found


def strays(session: Session, table: Table, values: dict[str, Any]) -> set[str]:
    """Ask SQLite, which names no foreign key, which ones the row would break."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    keys: dict[int, tuple[str, list[str]]] = {}
    for row in cursor.execute(f"PRAGMA foreign_key_list({table.name})").fetchall():
        keys.setdefault(row[0], (row[2], []))[1].append(row[3])
    cursor.execute("PRAGMA foreign_keys = OFF")
    try:
        cursor.execute("BEGIN")
        compiled = insert(table).values(**values).compile(db.engine)
        processed = {
            name: compiled._bind_processors[name](value) if name in compiled._bind_processors else value
            for name, value in compiled.params.items()
        }
        cursor.execute(str(compiled), [processed[name] for name in compiled.positiontup or []])
        broken = {
            keys[row[3]] and row[3]
            for row in cursor.execute(f"PRAGMA foreign_key_check({table.name})").fetchall()
        }
    finally:
        cursor.execute("ROLLBACK")
        cursor.execute("PRAGMA foreign_keys = ON")
        connection.close()
    wanted = [(keys[number][0], sorted(keys[number][1])) for number in broken]
    return {
        str(one.name)
        for one in table.foreign_key_constraints
        if (one.referred_table.name, sorted(column.name for column in one.columns)) in wanted
    }
