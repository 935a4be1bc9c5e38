"""What a place says about itself: addresses, web addresses, texts."""

import pytest

from o2o.osm.place import address_of, clean, website_of


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("a.example", "https://a.example"),
        ("a.example:8080/x", "https://a.example:8080/x"),
        ("//a.example", "https://a.example"),
        ("http://a.example;http://b.example", "http://a.example"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://a.example", None),
        ("https://user@a.example", None),
        ("https://a.example:99999/", None),
        ("https://[::1", None),
        ("nowhere", None),
        ("two words.example", None),
        ("a.example/\u202ex", None),
        ("", None),
        (None, None),
    ],
)
def test_only_plain_web_addresses(raw, expected):
    assert website_of(raw) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (
            {"full": "北京市海淀区成府路28号五道口购物中心", "street": "成府路"},
            "北京市海淀区成府路28号五道口购物中心",
        ),
        (
            {"city": "北京市", "district": "海淀区", "street": "成府路", "housenumber": "28"},
            "北京市海淀区成府路28号",
        ),
        ({"street": "成府路", "housenumber": "甲28号"}, "成府路甲28号"),
        ({"province": "北京市", "city": "北京市", "street": "成府路"}, "北京市成府路"),
        (
            {"street": "Eerikinkatu", "housenumber": "10", "postcode": "00100;00120", "city": "Helsinki"},
            "Eerikinkatu 10, 00100 Helsinki",
        ),
        ({"street": "Eerikinkatu"}, "Eerikinkatu"),
        ({"place": "Kauppatori", "housename": "Hall", "city": "Helsinki"}, "Kauppatori Hall, Helsinki"),
        ({"city": "Helsinki"}, "Helsinki"),
        ({"housenumber": "5"}, None),
        ({}, None),
    ],
)
def test_addresses_in_local_order(tags, expected):
    assert address_of({f"addr:{key}": value for key, value in tags.items()}) == expected


def test_texts_are_trimmed_and_capped():
    assert clean("  a\t\n\x00b \u200f", 10) == "a b"
    assert clean("\u202e", 10) is None
    assert clean("x" * 50, 10) == "x" * 10
    assert clean("家" * 50, 10) == "家" * 10
