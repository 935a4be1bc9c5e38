"""Every column has one label, and erasing does what the labels say."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import JSON, LargeBinary, String, Table, select
from sqlalchemy.orm import Session

from o2o.accounts import columns, registry
from o2o.accounts.columns import LEDGER, PII, PUBLIC, TEXTS
from o2o.kernel.db import Base, db
from tests import factories

# Types in which words may stand; a flag, a number or a moment never holds any.
WORDS = (String, JSON, LargeBinary)


def tables() -> list[Table]:
    return Base.metadata.sorted_tables


def labelled(table: str) -> Counter[str]:
    """Count how often each column of a table is named in the list."""
    return Counter(column for names in TEXTS.get(table, {}).values() for column in names.split())


def rest(table: str) -> str:
    return registry.HELD[table].kind if table in registry.HELD else registry.OTHERS[table]


def test_whatever_can_hold_words_is_labelled_once(app: Flask) -> None:
    for table in tables():
        for column in table.c:
            times = labelled(table.name)[column.name]
            # A key to another table's words is as good as a number, unless somebody labels it.
            is_free = isinstance(column.type, WORDS) and not column.foreign_keys
            assert times <= 1, f"{table.name}.{column.name} has {times} labels"
            assert times or not is_free, f"{table.name}.{column.name} can hold words and has no label"


def test_every_column_has_a_label(app: Flask) -> None:
    for table in tables():
        for column in table.c:
            found = columns.label(table.name, column.name, rest=rest(table.name))
            assert found in (PII, LEDGER, PUBLIC), f"{table.name}.{column.name}"


def test_labels_name_what_is_there(app: Flask) -> None:
    for name, kinds in TEXTS.items():
        assert kinds.keys() <= {PII, LEDGER, PUBLIC}
        missing = labelled(name).keys() - Base.metadata.tables[name].c.keys()
        assert not missing, f"{name} has no {missing}"


def test_nobodys_tables_hold_nobodys_words() -> None:
    for name in registry.OTHERS:
        assert PII not in TEXTS.get(name, {}), f"{name} belongs to nobody, so nobody could erase it"


def test_rows_that_are_deleted_hold_only_their_persons_words() -> None:
    for name, held in registry.HELD.items():
        kinds = TEXTS.get(name, {}).keys()
        if held.kind == PII:
            assert kinds <= {PII}, f"{name} is deleted with its person, and holds {kinds}"


def test_what_is_emptied_names_its_author(app: Flask) -> None:
    for name, held in registry.HELD.items():
        words = {column.name for column in registry.words_of(name)}
        if held.kind == LEDGER:
            assert held.through is None or not words, f"{name}: no column of it names the account"
            assert held.whose.keys() <= words
            assert set(held.whose.values()) <= set(held.by)


def test_an_unlabelled_column_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEXTS, "review", {PII: "text", LEDGER: "key state"})
    with pytest.raises(AssertionError, match=r"review\.hidden_why can hold words"):
        test_whatever_can_hold_words_is_labelled_once(app)
    monkeypatch.setitem(TEXTS, "review", {PII: "text hidden_why", LEDGER: "text key state"})
    with pytest.raises(AssertionError, match=r"review\.text has 2 labels"):
        test_whatever_can_hold_words_is_labelled_once(app)


def test_who_decides_takes_no_words_of_others_along(session: Session) -> None:
    shop = factories.make_shop(session)
    report = factories.make_report(session, shop, "guest", text="Shutters down since May")
    judge = factories.make_account(session, "judge")
    report.decided_by, report.decided_at, report.state = judge.id, report.at, "upheld"
    report.decision = "Closed, indeed"
    session.flush()
    theirs = registry.export(session, account_id=judge.id)["report"]
    mine = registry.export(session, account_id=report.account_id)["report"]
    assert [(row["text"], row["decision"], row["state"]) for row in theirs] == [(None, None, "upheld")]
    assert [(row["text"], row["decision"]) for row in mine] == [("Shutters down since May", "Closed, indeed")]
    registry.erase(session, account_id=judge.id)
    session.refresh(report)
    assert report.text == "Shutters down since May"
    registry.erase(session, account_id=report.account_id)
    session.refresh(report)
    assert (report.text, report.decision, report.state) == ("", "", "upheld")
    assert db.session.scalar(select(registry.Account.handle).where(registry.Account.id == judge.id)) is None
