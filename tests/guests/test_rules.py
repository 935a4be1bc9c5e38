"""Who is a guest: by uses that stand and confirmed visits alone, reckoned from the rows, on both databases."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts import registry
from o2o.guests import queries, rules
from o2o.guests.models import Guest, GuestNote, Look
from o2o.kernel import clock, journal, migrate
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from tests.factories import make_account, make_poster, make_shop, make_visit
from tests.guests.town import Pair, guest_of, key_of, make_pair, undo, use, visit
from tests.racers import race


@pytest.fixture
def pair(app: Flask) -> Pair:
    """Give two shops."""
    assert app
    return make_pair()


def account(handle: str = "guest") -> int:
    begin_write()
    found = make_account(db.session, handle).id
    db.session.commit()
    return found


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_use_makes_a_guest_and_undoing_it_unmakes_one(pair: Pair) -> None:
    assert guest_of(pair.here) is None
    number = use(pair.here)
    guest = guest_of(pair.here)
    assert guest is not None
    assert (len(guest.key), guest.first_at, guest.contact, guest.agreed_at) == (16, guest.last_at, "", None)
    assert guest_of(pair.there) is None
    undo(pair.here, number)
    assert guest_of(pair.here) is None


def test_what_else_stays_keeps_the_guest(pair: Pair) -> None:
    now = clock.now()
    first, second = use(pair.here, at=now - timedelta(minutes=9)), use(pair.here, at=now)
    key = key_of(pair.here)
    undo(pair.here, second)
    guest = guest_of(pair.here)
    assert guest is not None
    assert (guest.key, guest.first_at) == (key, guest.last_at)
    assert guest.last_at < now - timedelta(minutes=8)
    visit(pair.here)
    undo(pair.here, first)
    assert key_of(pair.here) == key
    met = queries.met(db.session, guest_of(pair.here))  # type: ignore[arg-type]
    assert (met.visits, met.uses, met.spent) == (1, 0, 0)


def test_an_arrival_nobody_confirmed_makes_no_guest(pair: Pair) -> None:
    begin_write()
    shop = db.session.get_one(queries.Shop, pair.here)
    make_visit(db.session, make_poster(db.session, shop), "guest")
    db.session.commit()
    journal.deliver(db.session, everything=True)
    assert guest_of(pair.here) is None
    visit(pair.here, "stranger")
    assert guest_of(pair.here, "stranger") is not None


def test_keys_mean_nothing_elsewhere(pair: Pair) -> None:
    use(pair.here)
    use(pair.there)
    assert key_of(pair.here) != key_of(pair.there)
    with pytest.raises(NotAllowed):
        queries.shop_guest(db.session, shop_id=pair.there, key=key_of(pair.here))


def test_a_town_with_history_gets_its_guests_once(pair: Pair) -> None:
    use(pair.here)
    use(pair.here, "stranger")
    visit(pair.there, by="other_owner")
    begin_write()
    for guest in db.session.scalars(select(Guest)):
        db.session.delete(guest)
    gone = make_account(db.session, "stranger").id
    registry.erase(db.session, account_id=gone)
    db.session.commit()
    begin_write()
    assert rules.reckon_all(db.session) == 2
    assert rules.reckon_all(db.session) == 0
    db.session.commit()
    assert guest_of(pair.here) is not None
    assert guest_of(pair.there) is not None
    assert any(work.__name__ == "know_again" for work in migrate.SETTLING)


def test_the_same_fact_twice_changes_nothing(pair: Pair) -> None:
    use(pair.here)
    before = guest_of(pair.here)
    assert before is not None
    kept = (before.id, before.key, before.first_at, before.last_at)
    begin_write()
    rules.reckon(db.session, shop_id=pair.here, account_id=account_id_of(before))
    db.session.commit()
    after = guest_of(pair.here)
    assert after is not None
    assert (after.id, after.key, after.first_at, after.last_at) == kept


def account_id_of(guest: Guest) -> int:
    return guest.account_id


def test_racing_facts_make_one_guest(app: Flask, pair: Pair) -> None:
    use(pair.here)
    someone = account()
    begin_write()
    for guest in db.session.scalars(select(Guest)):
        db.session.delete(guest)
    db.session.commit()

    def reckon(session: Session, _number: int) -> None:
        begin_write(session)
        rules.reckon(session, shop_id=pair.here, account_id=someone)
        session.commit()

    assert race(app, reckon, times=6, threads=6) == {"ok": 6}
    assert count(Guest) == 1


def test_notes_have_limits(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    use(pair.here)
    key, staff = key_of(pair.here), account("staff")
    begin_write()
    given = {"shop_id": pair.here, "key": key, "staff_id": staff, "now": clock.now()}
    for text in ("", "  ", "x" * 501):
        with pytest.raises(BadInput):
            rules.add_note(db.session, text=text, **given)
    assert rules.add_note(db.session, text=" 靠窗 ", **given).text == "靠窗"
    monkeypatch.setattr(rules, "MOST_NOTES", 1)
    with pytest.raises(RuleBroken, match="many_notes"):
        rules.add_note(db.session, text="x", **given)
    with pytest.raises(NotAllowed):
        rules.add_note(db.session, text="x", **{**given, "shop_id": pair.there})


def test_only_the_right_hands_delete_a_note(pair: Pair) -> None:
    for handle in ("guest", "stranger"):
        use(pair.here, handle)
    key, other, staff = key_of(pair.here), key_of(pair.here, "stranger"), account("staff")
    guest, stranger = account(), account("stranger")
    begin_write()
    note = rules.add_note(
        db.session, shop_id=pair.here, key=key, staff_id=staff, text="x", now=clock.now()
    ).id
    with pytest.raises(NotAllowed):
        rules.drop_note(db.session, note_id=note, shop_id=pair.there, key=key)
    rules.drop_note(db.session, note_id=note, shop_id=pair.here, key=other)
    with pytest.raises(NotAllowed):
        rules.drop_own_note(db.session, account_id=guest, shop_id=pair.there, note_id=note)
    rules.drop_own_note(db.session, account_id=stranger, shop_id=pair.here, note_id=note)
    db.session.commit()
    assert count(GuestNote) == 1
    begin_write()
    for _ in range(2):
        rules.drop_own_note(db.session, account_id=guest, shop_id=pair.here, note_id=note)
        rules.drop_note(db.session, shop_id=pair.here, key=key, note_id=note)
    db.session.commit()
    assert count(GuestNote) == 0


def test_agreeing_withdrawing_and_forgetting(pair: Pair) -> None:
    use(pair.here)
    guest, staff, now = account(), account("staff"), clock.now()
    mine = {"account_id": guest, "shop_id": pair.here}
    begin_write()
    with pytest.raises(NotAllowed):
        rules.agree(db.session, account_id=guest, shop_id=pair.there, contact="", now=now)
    with pytest.raises(BadInput):
        rules.agree(db.session, contact="x" * 121, now=now, **mine)
    rules.agree(db.session, contact=" 138 0000 ", now=now, **mine)
    rules.agree(db.session, contact="139", now=now + timedelta(days=1), **mine)
    (row,) = queries.agreed(db.session, pair.here)
    assert (row.contact, row.agreed_at) == ("139", now)
    for _ in range(2):
        rules.withdraw(db.session, **mine)
    assert (row.contact, row.agreed_at, queries.agreed(db.session, pair.here)) == ("", None, [])
    rules.agree(db.session, contact="140", now=now, **mine)
    rules.add_note(db.session, shop_id=pair.here, key=row.key, staff_id=staff, text="x", now=now)
    rules.forget(db.session, **mine)
    db.session.commit()
    assert (count(GuestNote), count(Guest), queries.agreed(db.session, pair.here)) == (0, 1, [])


def test_looks_are_counted_once_an_hour_for_lists_and_each_time_for_cards(pair: Pair) -> None:
    use(pair.here)
    guest, staff, now = account(), account("staff"), clock.now()
    given = {"shop_id": pair.here, "account_ids": [guest, guest]}
    begin_write()
    steps = (0, 59, 61)
    assert [look(given, staff, "list", now + timedelta(minutes=step)) for step in steps] == [1, 0, 1]
    assert look(given, account_of_owner(), "list", now) == 1
    assert [look(given, staff, "card", now) for _ in range(2)] == [1, 1]
    assert look(given, staff, "export", now) == 1
    with pytest.raises(ValueError, match="peek"):
        look(given, staff, "peek", now)
    db.session.commit()
    assert count(Look) == 6


def look(given: dict, staff: int, what: str, now) -> int:  # type: ignore[no-untyped-def]
    return rules.look(db.session, staff_id=staff, what=what, now=now, **given)


def account_of_owner() -> int:
    return make_account(db.session, "owner").id


def test_the_erased_are_nobodys_guests(pair: Pair) -> None:
    number = use(pair.here)
    guest, staff = account(), account("staff")
    begin_write()
    rules.add_note(
        db.session, shop_id=pair.here, key=db.session.scalars(select(Guest.key)).one(), staff_id=staff, text="x",
        now=clock.now(),
    )  # fmt: skip
    registry.erase(db.session, account_id=guest)
    db.session.commit()
    journal.deliver(db.session)
    assert (count(Guest), count(GuestNote)) == (0, 0)
    undo(pair.here, number)
    begin_write()
    assert rules.reckon(db.session, shop_id=pair.here, account_id=guest) is None
    db.session.commit()
    assert count(Guest) == 0


def test_a_shop_is_sorted_and_searched(pair: Pair) -> None:
    now = clock.now()
    for handle, uses, price, days in (("a", 1, 9000, 3), ("b", 3, 100, 2), ("c", 2, 200, 1)):
        for _ in range(uses):
            use(pair.here, handle, price=price, at=now - timedelta(days=days))
    visit(pair.here, "a")
    begin_write()
    ids = {make_account(db.session, handle).id: handle for handle in "abc"}
    db.session.commit()

    def order(sort: str) -> str:
        found, more = queries.of_shop(db.session, pair.here, sort=sort)
        assert not more
        return "".join(ids[met.guest.account_id] for met in found)

    assert (order("spent"), order("uses"), order("last"), order("visits")[0]) == ("acb", "bca", "acb", "a")
    wanted = queries.shops.guest_alias(next(iter(ids)), pair.here, "en")
    for typed in (
        wanted[2:].upper(),
        wanted.replace(" ", ""),
        f" {wanted}",
        wanted.replace(wanted[-1], chr(0xFEE0 + ord(wanted[-1]))),
    ):
        called, is_cut = queries.called(db.session, pair.here, typed, locale="en")
        found, _more = queries.of_shop(db.session, pair.here, among=called)
        assert [met.guest.account_id for met in found] == [next(iter(ids))]
        assert not is_cut
    assert queries.called(db.session, pair.here, "nobody", locale="en") == ([], False)
    assert queries.called(db.session, pair.there, wanted, locale="en") == ([], False)
    assert queries.of_shop(db.session, pair.here, among=[]) == ([], False)
    assert queries.of_shop(db.session, pair.there) == ([], False)


def test_pages_of_fifty(session: Session) -> None:
    shop = make_shop(session)
    now = clock.now()
    for number in range(queries.PAGE + 1):
        account_id = make_account(session, f"guest-{number}").id
        when = {"first_at": now, "last_at": now + timedelta(seconds=number)}
        session.add(Guest(shop_id=shop.id, account_id=account_id, key=f"{number:016x}", **when))
    session.flush()
    first, more = queries.of_shop(session, shop.id)
    second, rest = queries.of_shop(session, shop.id, number=2)
    assert (len(first), more, len(second), rest) == (queries.PAGE, True, 1, False)
    assert queries.count(session, shop.id) == queries.PAGE + 1
