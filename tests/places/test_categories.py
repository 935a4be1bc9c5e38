"""Which tags are a consumer place, and under which words people find it."""

import re
from pathlib import Path

import pytest

from o2o.places.categories import (
    ANY_VALUE_KEYS,
    NOT_A_PLACE,
    PLACE_TAGS,
    all_categories,
    category,
    category_of,
    groups,
    local_names,
    variant_words,
)

DOCS = Path(__file__).parents[2] / "docs/places.md"


def test_the_documented_table_is_the_code():
    rows = re.findall(r"^\| (\w+) \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {key: values for key, values in rows if key != "key"}
    assert list(documented) == list(PLACE_TAGS)
    for key, values in documented.items():
        if key in ANY_VALUE_KEYS:
            assert tuple(re.findall(r"`(\w+)`", values)) == NOT_A_PLACE
        else:
            assert tuple(values.split(", ")) == PLACE_TAGS[key]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"amenity": "cafe"}, "amenity/cafe"),
        ({"amenity": "cafe", "shop": "tea"}, "amenity/cafe"),
        ({"amenity": "restaurant", "cuisine": "chinese"}, "amenity/restaurant"),
        ({"amenity": "nightclub;restaurant"}, "amenity/nightclub"),
        ({"amenity": "bench", "shop": "bakery"}, "shop/bakery"),
        ({"shop": "deli; kitchen"}, "shop/deli"),
        ({"shop": "madeup; bakery"}, "shop/bakery"),
        ({"shop": "Bakery"}, "shop/bakery"),
        ({"shop": "handbags"}, "shop"),
        ({"shop": "yes"}, "shop/yes"),
        ({"shop": "yes", "tourism": "gallery"}, "tourism/gallery"),
        ({"shop": "hairdresser", "tourism": "gallery"}, "shop/hairdresser"),
        ({"shop": "jewelry", "craft": "jeweller"}, "shop/jewelry"),
        ({"craft": "cartographer"}, "craft"),
        ({"amenity": "clinic", "healthcare": "yes"}, "amenity/clinic"),
        ({"healthcare": "dentist"}, "amenity/dentist"),
        ({"healthcare": "midwife"}, "healthcare/midwife"),
        ({"healthcare": "hospital"}, "healthcare"),
        ({"tourism": "attraction", "leisure": "park"}, "tourism/attraction"),
        ({"shop": "vacant"}, None),
        ({"shop": "no"}, None),
        ({"shop": ""}, None),
        ({"shop": ";"}, None),
        ({"disused:shop": "bakery"}, None),
        ({"amenity": "bench"}, None),
        ({"leisure": "park"}, None),
        ({"craft": "no", "healthcare": "no"}, None),
        ({}, None),
    ],
)
def test_category_of(tags, expected):
    assert category_of(tags) == expected


def test_every_category_is_complete_and_in_a_group():
    known_groups = {group.key for group in groups()}
    assert 10 <= len(known_groups) <= 12
    keys = [one.key for one in all_categories()]
    assert len(keys) == len(set(keys)) > 250
    for one in all_categories():
        assert one.group in known_groups
        assert re.fullmatch(r"(maki|temaki)-[a-z0-9_-]+", one.icon), one
        assert one.name_en
        assert re.search(r"[\u4e00-\u9fff]", one.name_zh), one
        assert category(one.key) is one
    assert {one.group for one in all_categories()} == known_groups
    for key, values in PLACE_TAGS.items():
        assert {f"{key}/{value}" for value in values} <= set(keys)
    assert {"shop", "craft", "healthcare"} <= set(keys)
    assert "shop/vacant" not in keys


def test_an_unknown_category_is_an_error():
    with pytest.raises(KeyError):
        category("amenity/bench")


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("咖啡", "amenity/cafe"),
        ("cafe", "amenity/cafe"),
        ("coffee", "amenity/cafe"),
        ("餐馆", "amenity/restaurant"),
        ("超市", "shop/supermarket"),
        ("理发", "shop/hairdresser"),
        ("酒店", "tourism/hotel"),
        ("gym", "leisure/fitness_centre"),
        ("药店", "amenity/pharmacy"),
    ],
)
def test_words_find_their_category(word, key):
    one = category(key)
    texts = [one.key, one.name_en, one.name_zh, *one.terms_en, *one.terms_zh]
    assert any(word in text.casefold() for text in texts)


def test_a_hotel_is_not_a_wine_shop():
    assert "酒店" not in category("shop/wine").terms_zh


def test_names_follow_the_locale():
    assert category("amenity/cafe").name("zh_Hans_CN") == "咖啡馆"
    assert category("amenity/cafe").name("en") == "Café"
    assert groups()[0].name("zh") == "美食"
    assert groups()[0].name("en") == "Food"


def test_locals_find_places_in_their_own_words():
    assert local_names("amenity/cafe", ["fi", "sv", "xx"]) == ("Kahvila", "Café")
    assert local_names("amenity/kindergarten", ["fi"])
    assert local_names("amenity/nonsense", ["fi"]) == ()


def test_other_tags_become_words_in_both_languages():
    assert variant_words("amenity/restaurant", {"cuisine": "pizza; thai"}) == (
        "Thai Restaurant",
        "泰式餐馆",
        "Pizza Restaurant",
        "披萨餐馆",
    )
    assert variant_words("shop/bakery", {"cuisine": "pizza"}) == ()
