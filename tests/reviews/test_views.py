"""The pages of reviews: read by everybody, written by those who were there, without a script."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db, new_id
from o2o.photos.models import Photo
from o2o.redemption.models import Redemption
from o2o.reviews import queries, rules
from o2o.reviews.models import Answer, Line, Review
from tests.counting import counting
from tests.factories import make_account
from tests.journeys.person import Forms
from tests.photos.pictures import scene, with_place, written
from tests.reviews.town import Corner


def corner(**terms: Any) -> Corner:
    begin_write()
    return Corner(db.session, **terms)


def commit(*rows: Any) -> list[Any]:
    """Commit, and give the rows' ids."""
    ids = [row.id for row in rows]
    db.session.commit()
    return ids


def form(answer: Any, action: str) -> dict[str, list[str]]:
    return next(one.fields for one in Forms(answer.text).found if one.action == action)


def shots(*contents: bytes) -> list[tuple[BytesIO, str]]:
    return [(BytesIO(content), f"{number}.jpg") for number, content in enumerate(contents)]


def test_from_the_pass_to_the_shop_page(app: Flask, client: Any) -> None:
    town = corner()
    (redemption_id,) = commit(town.redeemed())
    client.sign_in("guest")
    pass_id = db.session.scalar(select(Redemption.pass_id))
    shown = client.get(f"/passes/{pass_id}").text
    assert "Was it as advertised?" in shown
    address = f"/reviews/new?redemption={redemption_id}"
    assert f'href="{address}"' in shown
    page = client.get(address)
    assert page.headers["X-O2O-Cache"] == "private"
    fields = {name: values[0] for name, values in form(page, "/reviews").items()}
    sent = {
        **fields,
        "rating": "4",
        "text": "很好\r\n再来",
        "photos": shots(with_place(), written(scene(90, 90))),
    }
    first = client.post("/reviews", data=sent)
    assert first.status_code == 303
    sent["photos"] = shots(with_place())
    assert client.post("/reviews", data=sent).location == first.location  # the outbox sends it again
    sent["photos"] = shots(with_place())
    other = client.post("/reviews", data={**sent, "text": "other words from an old copy of the page"})
    assert other.status_code == 409
    assert client.get(address).location == first.location
    assert (db.session.scalar(select(func.count(Photo.id))), db.session.scalar(select(Review.text))) == (
        2,
        "很好\n再来",
    )
    mine = client.get(first.location).text
    assert "Redeemed here" in mine
    assert "Change it once" in mine
    assert client.get(re.findall(r'href="(/photos/[^"]+)"', mine)[0]).mimetype == "image/webp"
    assert "Your review" in client.get(f"/passes/{pass_id}").text
    shop = client.get(f"/shops/{town.shop.id}").text
    assert f"★ {queries.score(town.shop)}" in shop
    assert f'hx-get="/shops/{town.shop.id}/reviews"' in shop
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', shop, re.DOTALL)[0])
    assert data["aggregateRating"]["reviewCount"] == 1


def test_the_window_the_page_and_more(app: Flask, client: Any) -> None:
    town = corner()
    for number in range(12):
        handle = f"guest{number}"
        town.write(town.redeemed(handle), handle, rating=1 + number % 5, text=f"word-{number:02d}")
    town.write(town.visited("other", confirmed=False), "other", text="word-apart")
    commit()
    base = f"/shops/{town.shop.id}/reviews"
    window = client.get(base, headers={"HX-Request": "true"})
    assert window.text.count('<article class="review"') == 3
    assert "<html" not in window.text
    assert 'href="/about/ranking"' in window.text
    assert len(window.data) < 8000
    page = client.get(base)
    assert (page.text.count('<article class="review"'), page.headers["X-O2O-Cache"]) == (10, "page")
    assert "word-apart" not in page.text
    more = client.get(f"{base}?show=counted&page=2", headers={"HX-Request": "true", "HX-Target": "more"}).text
    assert more.count('<article class="review"') == 2
    assert client.get(f"{base}?stars=1").text.count('<article class="review"') == 3
    apart = client.get(f"{base}?show=apart").text
    assert "word-apart" in apart
    assert "Unconfirmed visit" in apart
    for wrong in ("page=0", "page=x", "page=9999", "show=all", "stars=9"):
        assert client.get(f"{base}?{wrong}").status_code == 400
    assert client.get("/shops/987654/reviews").status_code == 404


@pytest.mark.parametrize("address", ["/shops/{shop}/reviews", "/me/reviews", "/console/{shop}/reviews"])
def test_more_reviews_cost_no_more_statements(app: Flask, client: Any, address: str) -> None:
    from o2o.photos.rules import prepare

    town = corner()
    town.role("keeper").kind = "owner"
    picture = prepare(written(scene(40, 40)))

    def one() -> None:
        review = town.write(town.redeemed(), photos=[picture])
        town.answer(town.redeemed())
        rules.reply(
            db.session,
            shop_id=town.shop.id,
            account_id=town.staff,
            review_id=review.id,
            text="谢谢",
            now=review.at,
        )

    one()
    commit()
    client.sign_in("keeper" if "console" in address else "guest")
    path = address.format(shop=town.shop.id)
    client.get(path)
    with counting() as first:
        client.get(path)
    begin_write()
    one()
    one()
    commit()
    client.get(path)
    with counting() as third:
        assert client.get(path).text.count("<article") == 3
    assert len(third) == len(first) <= 14, third


def test_a_bad_form_is_shown_again_and_keeps_nothing(app: Flask, client: Any) -> None:
    town = corner()
    (redemption_id,) = commit(town.redeemed())
    client.sign_in("guest")
    good = {"redemption": redemption_id, "key": "press", "rating": "3", "text": "words that stay"}
    wrongs: list[tuple[dict[str, Any], int, str]] = [
        ({"rating": ""}, 422, "Choose one to five stars."),
        ({"rating": "6"}, 422, "Choose one to five stars."),
        ({"text": "x" * 2001}, 422, "Keep this within 2000"),
        ({"photos": shots(b"GIF89a" + b"x" * 90)}, 415, "photo"),
        ({"photos": shots(written(scene())[:900])}, 422, "photo"),
        ({"photos": shots(*[b"x"] * 7)}, 422, "at most 6 photos"),
    ]
    for wrong, status, said in wrongs:
        answer = client.post("/reviews", data={**good, **wrong})
        assert (answer.status_code, said in answer.text) == (status, True), (wrong, answer.status_code)
        assert ("words that stay" in answer.text) == ("text" not in wrong)
    for wrong in ({"key": ""}, {"key": "k" * 65}, {"redemption": ""}, {"visit": "x"}):
        assert client.post("/reviews", data={**good, **wrong}).status_code == 400, wrong
    assert client.post("/reviews", data={**good, "redemption": "f" * 16}).status_code == 404
    assert (
        db.session.scalar(select(func.count(Review.id)))
        == db.session.scalar(select(func.count(Photo.id)))
        == 0
    )
    assert client.post("/reviews", data=good).status_code == 303
    other = client.post("/reviews", data={**good, "key": "another tab", "rating": "1"})
    assert (other.status_code, "already" in other.text) == (409, True)


def test_a_change_of_words_once(app: Flask, client: Any) -> None:
    town = corner()
    (review_id,) = commit(town.write(town.redeemed()))
    client.sign_in("guest")
    address = f"/reviews/{review_id}/edit"
    fields = {name: values[0] for name, values in form(client.get(address), address).items() if values}
    assert fields["text"].strip() == "很好"
    assert client.post(address, data={**fields, "rating": "0"}).status_code == 422
    sent = {**fields, "rating": "2", "text": "doch nicht"}
    assert client.post(address, data=sent).status_code == 303
    assert client.post(address, data=sent).status_code == 303  # a double click
    assert client.post(address, data={**sent, "key": new_id()}).status_code == 409
    assert client.get(address).location == f"/reviews/{review_id}"
    assert "changed once" in client.get(f"/reviews/{review_id}").text
    client.sign_in("stranger")
    assert client.get(address).status_code == client.post(address, data=sent).status_code == 404


def test_answers_and_lines_beside_the_pass(app: Flask, client: Any) -> None:
    town = corner()
    row = town.redeemed()
    (redemption_id,) = commit(row)
    pass_page = f"/passes/{row.pass_id}"
    client.sign_in("guest")
    line = {name: values[0] for name, values in form(client.get(pass_page), "/lines").items()}
    assert client.post("/lines", data={**line, "text": "The door sticks"}).location == pass_page
    client.post("/lines", data={**line, "text": "The door sticks"})
    assert client.post("/lines", data={**line, "text": "And the lamp flickers"}).status_code == 409
    assert db.session.scalars(select(Line.text)).all() == ["The door sticks"]
    assert client.post("/lines", data={**line, "text": " "}).status_code == 422
    no = {"redemption": redemption_id, "kept": "no", "text": ""}
    empty = client.post("/answers", data=no)
    assert (empty.status_code, "Say what was missing" in empty.text) == (422, True)
    assert client.post("/answers", data={**no, "text": "one cup only"}).location == pass_page
    assert client.post("/answers", data={**no, "text": "one cup only"}).location == pass_page
    assert client.post("/answers", data={**no, "kept": "yes"}).status_code == 409
    shown = client.get(pass_page).text
    assert "not as advertised" in shown
    assert "Was it as advertised?" not in shown
    assert "0% as advertised · 1 answer" in client.get(f"/offers/{town.offer_id}").text
    assert "0% as advertised · 1 answer" in client.get(f"/shops/{town.shop.id}").text
    assert "one cup only" not in client.get(f"/shops/{town.shop.id}/reviews").text
    client.sign_in("stranger")
    assert client.post("/answers", data=no).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 1


def test_who_works_here_is_asked_nothing(app: Flask, client: Any) -> None:
    town = corner()
    row = town.redeemed()
    town.role("guest")
    (redemption_id,) = commit(row)
    client.sign_in("guest")
    shown = client.get(f"/passes/{row.pass_id}").text
    assert "advertised" not in shown
    assert "/reviews/new" not in shown
    refused = client.get(f"/reviews/new?redemption={redemption_id}")
    assert (refused.status_code, "You work at this shop" in refused.text) == (403, True)
    sent = {"redemption": redemption_id, "key": "k", "rating": "5"}
    assert client.post("/reviews", data=sent).status_code == 403
    assert client.post("/answers", data={"redemption": redemption_id, "kept": "yes"}).status_code == 403


def test_what_waits_for_a_word_is_kept_for_offline(app: Flask, client: Any) -> None:
    town = corner()
    ids = commit(
        *[town.redeemed() for _ in range(3)], *[town.visited(h, confirmed=False) for h in ("guest",)]
    )
    client.sign_in("guest")
    pages = client.get("/me/offline.json").json["pages"]
    kept = {page for page in pages if page.startswith("/reviews/new")}
    assert kept == {f"/reviews/new?redemption={one}" for one in ids[:3]} | {f"/reviews/new?visit={ids[3]}"}
    assert "Waiting for your word: 4" in client.get("/me").text
    mine = client.get("/me/reviews").text
    assert all(f'href="{page}"' in mine for page in kept)


def test_a_hidden_review_is_a_tombstone(app: Flask, client: Any) -> None:
    town = corner()
    review = town.write(town.redeemed(), text="a private name")
    rules.hide(db.session, review_id=review.id, why="It named a person")
    (review_id,) = commit(review)
    for path in (f"/shops/{town.shop.id}/reviews", f"/reviews/{review_id}"):
        body = client.get(path).text
        assert "It named a person" in body
        assert "a private name" not in body
    assert "aggregateRating" not in client.get(f"/shops/{town.shop.id}").text


def test_refunds_and_undone_redemptions_are_said(app: Flask, client: Any) -> None:
    town = corner()
    row = town.redeemed()
    review = town.write(row)
    town.annul(row)
    make_account(db.session, "guest")
    (review_id,) = commit(review)
    from o2o.kernel.journal import deliver

    deliver(db.session, everything=True)
    assert "Taken back at the till" in client.get(f"/reviews/{review_id}").text
    assert "★" not in client.get(f"/shops/{town.shop.id}").text
