"""GET /till/keys: what a till learns of the keys."""

from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from o2o.issuer import queries, rules
from o2o.issuer.keys import load_keys
from o2o.issuer.life import point
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from tests.issuer.town import DAY, DAY_0


def test_a_town_without_keys_says_so(client: FlaskClient, place: Path) -> None:
    assert client.get("/till/keys").json["keys"] == []
    assert not place.exists()


def test_tills_learn_every_key_and_its_state(client: FlaskClient, place: Path) -> None:
    with time_machine.travel(DAY_0, tick=False):
        begin_write()
        rules.publish(db.session, now=DAY_0)
        rules.withdraw(db.session, kid=1, why="stolen from the office", now=DAY_0)
        rules.publish(db.session, now=DAY_0)
        db.session.commit()
        answer = client.get("/till/keys")
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        assert answer.headers["X-O2O-Cache"] == "none"
        assert answer.headers["Cache-Control"] == "no-cache"
        body = answer.json
        assert body["now"] == clock.millis(DAY_0)
        said = [(key["kid"], key["state"], key["signs_from"]) for key in body["keys"]]
        assert said == [
            (1, "withdrawn", clock.millis(DAY_0)),
            (2, "signing", clock.millis(DAY_0)),
            (3, "published", clock.millis(DAY_0 + 7 * DAY)),
        ]
        points = {kid: point(key.public) for kid, key in load_keys(place).items()}
        assert {key["kid"]: (key["x"], key["y"]) for key in body["keys"]} == points
        # The reason is for the operator, the private half for nobody.
        assert "office" not in answer.text
        assert all(key.keys() == {"kid", "x", "y", "state", "signs_from"} for key in body["keys"])


def test_an_answer_that_says_the_same_is_not_sent_again(client: FlaskClient, place: Path) -> None:
    with time_machine.travel(DAY_0, tick=False) as clock_:
        begin_write()
        rules.publish(db.session, now=DAY_0)
        db.session.commit()
        tag = client.get("/till/keys").headers["ETag"]
        clock_.shift(timedelta(days=3))
        same = client.get("/till/keys", headers={"If-None-Match": tag})
        assert (same.status_code, same.get_data()) == (304, b"")
        clock_.shift(timedelta(days=4))
        assert client.get("/till/keys", headers={"If-None-Match": tag}).status_code == 200


def test_the_public_keys_need_no_private_ones(app: Flask, client: FlaskClient, place: Path) -> None:
    begin_write()
    queries.signing_key(db.session, DAY_0)
    db.session.commit()
    (place / "issuer-001.pem").write_text("damaged")
    assert [key["kid"] for key in client.get("/till/keys").json["keys"]] == [1]
