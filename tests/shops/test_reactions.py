"""Nobody who erased their account goes on working anywhere."""

from o2o.accounts import registry
from o2o.kernel import journal
from o2o.kernel.db import begin_write, db
from o2o.shops import queries
from tests import factories


def test_erasing_an_account_ends_its_roles(app):
    begin_write()
    shop = factories.make_shop(db.session)
    shop_id = shop.id
    factories.make_role(db.session, shop, "leaver", kind="owner")
    factories.make_role(db.session, shop, "stayer")
    leaver, stayer = (factories.make_account(db.session, name).id for name in ("leaver", "stayer"))
    db.session.commit()
    begin_write()
    registry.erase(db.session, account_id=leaver)
    db.session.commit()
    journal.deliver(db.session)
    assert queries.roles_of(db.session, leaver, shop_id) == set()
    assert queries.roles_of(db.session, stayer, shop_id) == {"staff"}
