"""The platform's home shows the town and its books."""

from flask.testing import FlaskClient

from o2o.kernel.db import begin_write, db
from o2o.ledger import rules as ledger
from tests.factories import make_role, make_shop


def test_the_books_sum_to_zero_and_say_so(client: FlaskClient) -> None:
    client.sign_in("operator")
    assert "No money has moved yet." in client.get("/operator").get_data(as_text=True)
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    make_shop(db.session, "老李面馆", status="unclaimed")
    ledger.post(
        db.session,
        book=f"shop:{shop.id}",
        shop_id=shop.id,
        key="sale:1",
        kind="sale",
        subject="order:1",
        currency="CNY",
        legs={"cash": 3800, "voucher_liability": -3800},
    )
    db.session.commit()
    page = client.get("/operator").get_data(as_text=True)
    for words in ("The books balance", "¥38", "-¥38", "¥0", "Listings on the map", "/operator/listings"):
        assert words in page


def test_nobody_else_sees_them(client: FlaskClient) -> None:
    for handle in ("guest", "owner"):
        client.sign_in(handle)
        assert client.get("/operator").status_code == 404
