"""Writing, changing, replying, answering and saying a line: once, with a proof of one's own, within its time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts import rules as accounts
from o2o.kernel import journal
from o2o.kernel.errors import BadInput, NotAllowed, Refusal, RuleBroken
from o2o.notifications.models import Message
from o2o.photos import rules as photo_rules
from o2o.photos.models import Photo
from o2o.reviews import queries, rules
from o2o.reviews.models import Answer, Line, Review
from tests.factories import make_account
from tests.photos.pictures import scene, written
from tests.reviews.town import A_DAY, Corner

NOW = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():  # type: ignore[no-untyped-def]
    with time_machine.travel(NOW, tick=False):
        yield


def deliver(session: Session) -> None:
    session.commit()
    journal.deliver(session)
    journal.begin_write(session)


def refused(code: str, attempt: Any, kind: type[Refusal] = RuleBroken) -> None:
    with pytest.raises(kind) as caught:
        attempt()
    assert caught.value.code == code


def picture(width: int = 64) -> photo_rules.Prepared:
    return photo_rules.prepare(written(scene(width, 64)))


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_press_is_the_same_review(session: Session) -> None:
    corner = Corner(session)
    row, other = corner.redeemed(), corner.redeemed()
    first = corner.write(row, rating=4, key="press-1", photos=[picture()])
    assert corner.write(row, rating=4, key="press-1", photos=[picture()]).id == first.id
    refused("key_reused", lambda: corner.write(row, rating=1, text="changed meanwhile", key="press-1"))
    assert corner.write(row, rating=4, key="press-2").id == first.id  # the same words, from another tab
    refused("written", lambda: corner.write(row, rating=1, key="press-3"))
    refused("key_reused", lambda: corner.write(other, key="press-1"))
    assert (count(session, Review), count(session, Photo), corner.sums[:2]) == (1, 1, (4, 1))
    names = [
        row[0] for row in session.execute(select(journal.Fact.name).where(journal.Fact.name.like("review%")))
    ]
    assert names == ["review.written"]


def test_a_proof_of_somebody_else_or_nobody_is_not_found(session: Session) -> None:
    corner = Corner(session)
    row, visit = corner.redeemed(), corner.visited()
    for attempt in (
        lambda: corner.write(row, "stranger"),
        lambda: corner.write(visit, "stranger"),
        lambda: corner.answer(row, "stranger"),
        lambda: corner.write(row, redemption_id="f" * 16),
        lambda: corner.write(row, redemption_id=None),
        lambda: corner.write(row, visit_id=visit.id),
        lambda: rules.say(session, account_id=make_account(session, "stranger").id, text="x", key="k", now=NOW,
                          redemption_id=row.id),
    ):  # fmt: skip
        refused("not_found", attempt, NotAllowed)
    assert count(session, Review) == count(session, Answer) == count(session, Line) == 0


def test_thirty_days(session: Session) -> None:
    corner = Corner(session)
    row, visit = corner.redeemed(), corner.visited()
    account_id = make_account(session, "guest").id
    assert [one.kind for one in queries.owed(session, account_id=account_id, now=NOW)] != []
    with time_machine.travel(NOW + 30 * A_DAY, tick=False):
        assert len(queries.owed(session, account_id=account_id, now=NOW + 30 * A_DAY)) == 2
        corner.write(visit)
    late = NOW + 30 * A_DAY + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        assert queries.owed(session, account_id=account_id, now=late) == []
        refused("late", lambda: corner.write(row))
        refused("late", lambda: corner.answer(row))


def test_what_was_taken_back_is_not_written_about(session: Session) -> None:
    corner = Corner(session)
    row = corner.redeemed()
    corner.annul(row)
    refused("undone", lambda: corner.write(row))
    refused("undone", lambda: corner.answer(row))
    assert queries.owed(session, account_id=make_account(session, "guest").id, now=NOW) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [({"rating": 0}, "bad_rating"), ({"rating": 6}, "bad_rating"), ({"text": "x" * 2001}, "too_long")],
)
def test_what_cannot_be(session: Session, given: dict[str, Any], code: str) -> None:
    corner = Corner(session)
    row = corner.redeemed()
    refused(code, lambda: corner.write(row, **given), BadInput)
    corner.write(row, text="长" * 2000)


def test_seven_photos_are_one_too_many(session: Session) -> None:
    corner = Corner(session)
    row, shots = corner.redeemed(), [picture()] * 7
    refused("many_photos", lambda: corner.write(row, photos=shots), BadInput)
    assert count(session, Photo) == 0


def test_a_review_is_changed_once_within_a_week(session: Session) -> None:
    corner = Corner(session)
    review = corner.write(corner.redeemed(), rating=5, photos=[picture(64), picture(80)])
    mine = {"account_id": review.account_id, "review_id": review.id}
    first = queries.one(session, review.id).photos[0].id
    words = {"rating": 2, "text": "On second thoughts", "kept": [first], "photos": [picture(96)]}
    refused(
        "not_found",
        lambda: rules.edit(session, **{**mine, "account_id": corner.staff}, **words, now=NOW),
        NotAllowed,
    )
    with time_machine.travel(NOW + 7 * A_DAY, tick=False):
        refused("edit_over", lambda: rules.edit(session, **mine, **words, now=NOW + 7 * A_DAY))
    rules.edit(session, **mine, **words, now=NOW + 6 * A_DAY)
    said = queries.one(session, review.id)
    assert (said.review.rating, said.review.text, corner.sums[:2]) == (2, "On second thoughts", (2, 1))
    assert said.photos[0].id == first
    assert len(said.photos) == count(session, Photo) == 2
    refused("edit_over", lambda: rules.edit(session, **mine, **words, now=NOW + 6 * A_DAY))


def test_a_reply_is_one_and_public(session: Session) -> None:
    corner, other = Corner(session), Corner(session, "另一家")
    review = corner.write(corner.redeemed())
    given = {"account_id": corner.staff, "review_id": review.id, "now": NOW}
    refused("not_found", lambda: rules.reply(session, shop_id=other.shop.id, text="x", **given), NotAllowed)
    rules.reply(session, shop_id=corner.shop.id, text="Thank you", **given)
    rules.reply(session, shop_id=corner.shop.id, text="Thank you!", **{**given, "now": NOW + A_DAY})
    reply = queries.one(session, review.id).reply
    assert reply is not None
    assert (reply.text, reply.edited_at) == ("Thank you!", NOW + A_DAY)
    refused("no_text", lambda: rules.reply(session, shop_id=corner.shop.id, text=" ", **given), BadInput)
    rules.hide(session, review_id=review.id, why="x")
    refused("hidden", lambda: rules.reply(session, shop_id=corner.shop.id, text="y", **given))


@pytest.mark.parametrize("agrees", [True, False])
def test_the_inbox_is_told_what_was_asked_for(session: Session, agrees: bool) -> None:
    corner = Corner(session)
    guest = make_account(session, "guest").id
    if agrees:
        for purpose in ("asks", "replies"):
            accounts.give_consent(session, account_id=guest, purpose=purpose)
    review = corner.write(corner.redeemed())
    deliver(session)
    for text in ("Thanks", "Thanks!"):
        rules.reply(
            session, shop_id=corner.shop.id, account_id=corner.staff, review_id=review.id, text=text, now=NOW
        )
    rules.hide(session, review_id=review.id, why="x")
    told = select(Message.kind, func.count()).where(
        Message.account_id == guest, Message.kind.like("review.%")
    )
    found = {row[0]: row[1] for row in session.execute(told.group_by(Message.kind))}
    asked = {"review.asked": 1, "review.replied": 1} if agrees else {}
    assert found == {**asked, "review.hidden": 1}


def test_staff_are_never_asked(session: Session) -> None:
    corner = Corner(session)
    accounts.give_consent(session, account_id=make_account(session, "guest").id, purpose="asks")
    corner.role("guest")
    corner.redeemed()
    deliver(session)
    assert session.scalars(select(Message.kind).where(Message.kind == "review.asked")).all() == []


def test_an_answer_is_given_once_and_stays(session: Session) -> None:
    corner = Corner(session)
    row, second = corner.redeemed(), corner.redeemed("second")
    refused("no_text", lambda: corner.answer(row, is_kept=False), BadInput)
    refused("too_long", lambda: corner.answer(row, is_kept=False, missing="x" * 501), BadInput)
    corner.answer(row, is_kept=False, missing=" one coffee, not two ")
    corner.answer(row, is_kept=False, missing="one coffee, not two")
    refused("answered", lambda: corner.answer(row, is_kept=True))
    refused("answered", lambda: corner.answer(row, is_kept=False, missing="other"))
    corner.answer(second, "second", missing="said with a yes, so dropped")
    assert session.get_one(Answer, second.id).missing is None
    assert corner.sums == (0, 0, 1, 2)


def test_three_lines_about_a_visit(session: Session) -> None:
    corner = Corner(session)
    visit = corner.visited(confirmed=False)
    mine = {"account_id": make_account(session, "guest").id, "visit_id": visit.id, "now": NOW}
    for key in ("a", "b", "b", "c"):
        rules.say(session, text="The door sticks", key=key, **mine)
    refused("key_reused", lambda: rules.say(session, text="Another line from an old page", key="b", **mine))
    refused("enough", lambda: rules.say(session, text="Still", key="d", **mine))
    refused("no_text", lambda: rules.say(session, text=" \n", key="e", **mine), BadInput)
    assert count(session, Line) == 3
    assert corner.sums == (0, 0, 0, 0)
