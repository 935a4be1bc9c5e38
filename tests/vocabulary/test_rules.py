"""The index follows what shops are called and sell; what nobody uses any more is forgotten."""

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from o2o.kernel import checks, journal
from o2o.kernel.db import begin_write, db
from o2o.offers import rules as offers
from o2o.shops.models import Shop
from o2o.shops.rules import edit_shop
from o2o.vocabulary import rules
from o2o.vocabulary.models import Phrase, PhraseKey, PhraseUse, ShopTerm
from o2o.vocabulary.sounds import is_pinyin, keys_of
from tests.factories import make_shop, make_terms


def phrases(session: Session, kind: str | None = None) -> set[str]:
    rows = select(Phrase.text).join(PhraseUse, PhraseUse.phrase_id == Phrase.id)
    return set(session.scalars(rows.where(PhraseUse.kind == kind) if kind else rows))


def sizes(session: Session) -> list[int]:
    tables = (Phrase, PhraseUse, PhraseKey, ShopTerm)
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_a_change_is_followed(app: Flask) -> None:
    begin_write()
    shop = make_shop(db.session, "老王肉夹馍", brand="老王")
    offer = make_terms(db.session, shop, title="双人餐", contents=[["凉皮", 1, 5000]]).offer_id
    rules.reindex(db.session, shop_ids=[shop.id])
    assert phrases(db.session, "name") == {"老王肉夹馍"}
    assert phrases(db.session, "dish") == {"双人餐", "凉皮"}
    edit_shop(db.session, shop_id=shop.id, name="小李肉夹馍")
    offers.pause(db.session, offer_id=offer)
    db.session.commit()
    journal.deliver(db.session)
    assert phrases(db.session) == {"小李肉夹馍", "老王"} == set(db.session.scalars(select(Phrase.text)))
    assert db.session.scalar(select(func.count()).where(PhraseKey.key == "+liangpi")) == 0
    assert not [line for line in checks.broken(db.session) if line.startswith("I15")]


def test_a_phrase_stands_once_for_all_who_use_it(session: Session) -> None:
    first, second = (make_shop(session, "肯德基", brand="KFC") for _ in range(2))
    rules.reindex(session, shop_ids=[first.id, second.id])
    before = sizes(session)
    rules.reindex(session, shop_ids=[second.id])
    assert sizes(session) == before
    second.status = "gone"
    session.flush()
    rules.reindex(session, shop_ids=[second.id])
    assert phrases(session) == {"肯德基", "KFC"}
    first.status = "gone"
    session.flush()
    rules.reindex(session, shop_ids=[first.id])
    assert sizes(session) == [0, 0, 0, 0]


def test_rebuilding_gives_the_same_index(app: Flask) -> None:
    begin_write()
    ids = [make_shop(db.session, name).id for name in ("老王肉夹馍", "Café Engel", "重庆小面")]
    rules.reindex(db.session, shop_ids=ids)
    db.session.commit()
    before = sizes(db.session)
    begin_write()
    db.session.execute(delete(PhraseUse).where(PhraseUse.shop_id == ids[0]))
    db.session.commit()
    assert [line for line in checks.broken(db.session) if line.startswith("I15")]
    result = app.test_cli_runner().invoke(args=["reindex"])
    assert "3 shops" in result.output
    assert sizes(db.session) == before
    assert db.session.get_one(Shop, ids[0]).name == "老王肉夹馍"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("肉夹馍", {"肉夹馍", "+roujiamo", "-rjm", "+mo", "-jm"}),
        ("重庆", {"+chongqing", "+zhongqing", "-cq"}),
        ("银行", {"+yinhang", "+yinxing", "-yh"}),
        ("绿茶", {"+lucha", "-lc"}),
        ("KFC 肯德基", {"kfc肯德基", "+kfckendeji", "-kdj", "肯德基"}),
        ("Café del Mar", {"cafedelmar", "delmar", "mar"}),
        ("McDonald's", {"mcdonalds"}),
    ],
)
def test_keys(text: str, keys: set[str]) -> None:
    assert keys <= {key for key, _start in keys_of(text)}


def test_keys_of_long_texts_are_few() -> None:
    assert len(keys_of("长行重乐朝都单藏大" * 13)) <= 120


@pytest.mark.parametrize("typed", ["roujiamo", "roujiam", "xian", "beijingkaoya", "sushi"])
def test_pinyin(typed: str) -> None:
    assert is_pinyin(typed)


@pytest.mark.parametrize("typed", ["bar", "coffee", "hotel", "men", "kfc", "", "pasta", "starbucks", "r"])
def test_no_pinyin(typed: str) -> None:
    assert not is_pinyin(typed)
