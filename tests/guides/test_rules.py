"""Guides: an order that holds, one editor at a time, drafts that stay drafts."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.guides import queries, rules
from o2o.guides.models import Guide
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from tests.factories import make_guide, make_shop


@pytest.fixture
def session(app: Flask) -> Session:
    begin_write()
    return db.session


def order(session: Session, guide: Guide) -> list[str]:
    return [place.shop.name for place in queries.stops(session, guide.id)]


def test_an_order_is_kept_and_changed(session: Session) -> None:
    shops = [make_shop(session, name) for name in "甲乙丙"]
    guide = make_guide(session, *shops, is_public=False)
    assert order(session, guide) == ["甲", "乙", "丙"]
    stop = rules.Stop(shops[2].id, " 靠窗 ", True)
    rules.change_stop(session, guide_id=guide.id, version=guide.version, stop=stop, by=-1)
    assert order(session, guide) == ["甲", "丙", "乙"]
    place = queries.stops(session, guide.id)[1]
    assert (place.note, place.is_paid) == ("靠窗", True)
    first = rules.Stop(shops[0].id)
    rules.change_stop(session, guide_id=guide.id, version=guide.version, stop=first, by=-1)
    assert order(session, guide) == ["甲", "丙", "乙"]
    rules.remove_shop(session, guide_id=guide.id, version=guide.version, shop_id=shops[2].id)
    rules.add_shop(session, guide_id=guide.id, version=guide.version, shop_id=shops[2].id)
    assert order(session, guide) == ["甲", "乙", "丙"]
    assert not queries.stops(session, guide.id)[2].is_paid


def test_two_editors_never_overwrite_each_other(session: Session) -> None:
    guide = make_guide(session, make_shop(session))
    texts = rules.Texts("新", "New")
    rules.edit(session, guide_id=guide.id, version=guide.version, texts=texts)
    seen = {"guide_id": guide.id, "version": guide.version - 1}
    for late in (
        lambda: rules.edit(session, **seen, texts=texts),
        lambda: rules.publish(session, **seen),
        lambda: rules.unpublish(session, **seen),
        lambda: rules.set_entries(session, **seen, entries=[]),
    ):
        with pytest.raises(RuleBroken) as refusal:
            late()
        assert refusal.value.code == "edited"
    facts = session.scalars(select(Fact).where(Fact.name == "guide.changed")).all()
    assert [fact.ids for fact in facts] == [{"guide_id": guide.id}] * 4


def test_what_a_guide_refuses(session: Session) -> None:
    shop, gone = make_shop(session), make_shop(session, "旧店", status="gone")
    guide = make_guide(session, is_public=False)
    refused = {
        "empty": lambda: rules.publish(session, guide_id=guide.id, version=guide.version),
        "twice": lambda: put(rules.Stop(shop.id), rules.Stop(shop.id)),
        "full": lambda: put(*(rules.Stop(number) for number in range(1, rules.MOST + 2))),
        "untitled": lambda: rules.edit(
            session, guide_id=guide.id, version=guide.version, texts=rules.Texts("雨天", " ")
        ),
    }

    def put(*stops: rules.Stop) -> None:
        rules.set_entries(session, guide_id=guide.id, version=guide.version, entries=stops)

    for code, act in refused.items():
        with pytest.raises(RuleBroken) as refusal:
            act()
        assert refusal.value.code == code
        session.refresh(guide)
    for missing in (gone.id, 987_654):
        with pytest.raises(NotAllowed):
            put(rules.Stop(missing))
    put(rules.Stop(shop.id))
    rules.publish(session, guide_id=guide.id, version=guide.version)
    with pytest.raises(RuleBroken) as refusal:
        rules.remove_shop(session, guide_id=guide.id, version=guide.version, shop_id=shop.id)
    assert refusal.value.code == "last"
    rules.unpublish(session, guide_id=guide.id, version=guide.version)
    rules.remove_shop(session, guide_id=guide.id, version=guide.version, shop_id=shop.id)


def test_drafts_and_gone_shops_are_not_shown(session: Session) -> None:
    assert not queries.has_public(session)
    shop, other = make_shop(session), make_shop(session, "甲")
    draft = make_guide(session, shop, is_public=False)
    assert not queries.has_public(session)
    with pytest.raises(NotAllowed):
        queries.shown_guide(session, draft.id, is_operator=False)
    assert queries.shown_guide(session, draft.id, is_operator=True) is draft
    guide = make_guide(session, shop, other)
    assert queries.has_public(session)
    shop.status = "gone"
    session.flush()
    assert order(session, guide) == ["甲"]
    assert [(row.guide.id, row.size) for row in queries.guides(session, public_only=True)] == [(guide.id, 1)]
    assert {row.size for row in queries.guides(session, public_only=False)} == {0, 1}
    assert queries.about(Guide(about_zh="只有中文", about_en=""), "en") == "只有中文"
