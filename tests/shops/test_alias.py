"""The names of guests: the same at one shop, another elsewhere and in public."""

from o2o.shops.alias import alias

SECRET = "s" * 40


def name(**values):
    given = {"account_id": 7, "shop_id": 3, "purpose": "guest", "locale": "en", **values}
    return alias(SECRET, **given)


def test_a_guest_keeps_the_name_at_one_shop():
    assert name() == name()


def test_other_shops_and_the_public_see_another_name():
    assert len({name(), name(shop_id=4), name(purpose="voice"), name(account_id=8)}) == 4


def test_both_languages_say_the_same_number():
    zh, en = name(locale="zh-Hans"), name()
    assert zh.split()[1] == en.split()[1]
    assert not zh.split()[0].isascii()


def test_the_secret_decides():
    assert alias("t" * 40, account_id=7, shop_id=3, purpose="guest", locale="en") != name()
