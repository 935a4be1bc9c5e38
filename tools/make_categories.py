"""Make o2o/places/categories.json from three npm packages.

    npm pack @openstreetmap/id-tagging-schema @mapbox/maki @rapideditor/temaki
    python tools/make_categories.py DIRECTORY_OF_THE_TGZ_FILES

Only the places that o2o/places/categories.py counts are kept. Groups, icons for which neither maki nor
temaki has the schema's own, and a few names that read badly on a shop card are ours and stand below.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "o2o/places/categories.json"
LOCAL = TARGET.with_name("categories_local.json")
# A language is kept when the schema's translators did most of the places in it.
MOSTLY = 0.75

# Loaded by path: the app itself need not start for this.
_spec = importlib.util.spec_from_file_location("categories", TARGET.with_suffix(".py"))
assert _spec is not None
assert _spec.loader is not None
table = importlib.util.module_from_spec(_spec)
sys.modules["categories"] = table
_spec.loader.exec_module(table)

GROUPS = [
    ("food", "Food", "美食", "maki-restaurant"),
    ("drinks", "Coffee & tea", "咖啡茶饮", "maki-cafe"),
    ("groceries", "Groceries", "超市生鲜", "maki-grocery"),
    ("shopping", "Shopping", "购物", "maki-shop"),
    ("beauty", "Beauty", "丽人", "temaki-beauty_salon"),
    ("health", "Health", "医疗健康", "maki-doctor"),
    ("leisure", "Fun & nightlife", "休闲娱乐", "maki-nightclub"),
    ("sports", "Sports", "运动健身", "maki-fitness-centre"),
    ("sights", "Sights & museums", "景点文化", "maki-museum"),
    ("hotels", "Hotels", "酒店住宿", "maki-lodging"),
    ("kids", "Kids & learning", "教育亲子", "temaki-school"),
    ("services", "Services", "生活服务", "temaki-tools"),
]

# A category that is not named here belongs to its key's group (last lines).
MEMBERS = {
    "food": "amenity/restaurant amenity/fast_food amenity/food_court shop/deli shop/bakery shop/pastry "
    "shop/confectionery shop/chocolate craft/caterer craft/confectionery",
    "drinks": "amenity/cafe amenity/ice_cream shop/ice_cream shop/coffee shop/tea",
    "groceries": "amenity/marketplace shop/supermarket shop/convenience shop/greengrocer shop/butcher "
    "shop/seafood shop/beverages shop/alcohol shop/wine shop/dairy shop/cheese shop/farm shop/frozen_food "
    "shop/health_food shop/honey shop/kiosk shop/nuts shop/pasta shop/rice shop/spices shop/water "
    "shop/general shop/wholesale craft/brewery craft/distillery craft/winery craft/beekeeper",
    "beauty": "shop/beauty shop/hairdresser shop/hairdresser_supply shop/cosmetics shop/massage "
    "shop/perfumery shop/tattoo shop/piercing shop/wigs",
    "health": "amenity/pharmacy amenity/clinic amenity/dentist amenity/doctors shop/chemist shop/herbalist "
    "shop/hearing_aids shop/medical_supply shop/nutrition_supplements shop/optician",
    "leisure": "amenity/bar amenity/pub amenity/nightclub amenity/cinema amenity/theatre "
    "amenity/internet_cafe leisure/bowling_alley leisure/dance leisure/escape_game leisure/amusement_arcade "
    "shop/lottery shop/bookmaker shop/psychic",
    "sports": "leisure/fitness_centre leisure/sports_centre",
    "sights": "tourism/attraction tourism/museum tourism/gallery",
    "hotels": "tourism/hotel tourism/hostel tourism/guest_house",
    "kids": "amenity/kindergarten amenity/language_school shop/baby_goods shop/toys",
    "services": "amenity/bank amenity/post_office amenity/car_wash amenity/bicycle_rental amenity/veterinary "
    "shop/car_repair shop/motorcycle_repair shop/copyshop shop/dry_cleaning shop/laundry "
    "shop/funeral_directors shop/locksmith shop/money_lender shop/pawnbroker shop/gold_buyer shop/outpost "
    "shop/pet_grooming shop/photo shop/rental shop/repair shop/shoe_repair shop/storage_rental shop/tailor "
    "shop/telecommunication shop/ticket shop/tool_hire shop/travel_agency",
    "shop": "shopping",
    "craft": "services",
    "healthcare": "health",
}

ICONS = {
    "far-snowflake": "temaki-snow", "fas-apple-alt": "maki-farm", "fas-baby": "maki-hospital",
    "fas-baby-carriage": "maki-playground", "fas-bath": "temaki-shower",
    "fas-blender": "temaki-kitchen_sink", "fas-book": "temaki-book_store",
    "fas-bowl-rice": "maki-grocery", "fas-box-open": "temaki-storage",
    "fas-camera-retro": "maki-attraction", "fas-cannabis": "temaki-plant",
    "fas-car-battery": "maki-car-repair", "fas-carrot": "temaki-plant", "fas-cat": "temaki-pet_store",
    "fas-cheese": "temaki-milk_jug", "fas-cocktail": "maki-nightclub", "fas-compact-disc": "maki-music",
    "fas-concierge-bell": "maki-lodging", "fas-couch": "maki-furniture", "fas-crutch": "maki-pharmacy",
    "fas-dice": "temaki-dice", "fas-door-open": "maki-entrance", "fas-dragon": "maki-gaming",
    "fas-dumbbell": "maki-fitness-centre", "fas-eye": "maki-optician",
    "fas-film": "temaki-movie_rental", "fas-futbol": "maki-soccer", "fas-guitar": "maki-music",
    "fas-hammer": "temaki-tools", "fas-hand-holding": "temaki-money_hand",
    "fas-hand-holding-hand": "maki-recycling", "fas-hat-cowboy-side": "maki-farm",
    "fas-ice-cream": "maki-ice-cream", "fas-key": "temaki-lock", "fas-laptop": "temaki-electronic",
    "fas-leaf": "temaki-plant", "fas-microchip": "temaki-electronic",
    "fas-mobile-alt": "maki-mobile-phone", "fas-mobile-screen": "maki-mobile-phone",
    "fas-motorcycle": "temaki-motorcycle", "fas-music": "maki-music",
    "fas-newspaper": "temaki-vending_newspaper", "fas-paint-roller": "maki-paint",
    "fas-palette": "maki-paint", "fas-pills": "maki-pharmacy",
    "fas-plate-wheat": "maki-restaurant-noodle", "fas-plug": "temaki-power",
    "fas-puzzle-piece": "temaki-maze", "fas-rocket": "maki-rocket",
    "fas-screwdriver": "temaki-electronic", "fas-smoking": "temaki-pipe",
    "fas-shopping-basket": "maki-convenience", "fas-spa": "temaki-spa", "fas-suitcase": "maki-suitcase",
    "fas-suitcase-rolling": "temaki-suitcase", "fas-swimmer": "maki-swimming",
    "fas-tape": "temaki-cloth", "fas-ticket-alt": "temaki-ticket", "fas-tools": "temaki-tools",
    "fas-tractor": "maki-farm", "fas-vial": "maki-blood-bank", "fas-wine-bottle": "maki-alcohol-shop",
    "roentgen-wig_on_stand": "temaki-hair_care",
}  # fmt: skip

# (English, Chinese); None keeps the schema's word.
NAMES: dict[str, tuple[str | None, str | None]] = {
    "amenity/cafe": ("Café", "咖啡馆"),
    "amenity/doctors": (None, "医生诊室"),
    "amenity/dentist": (None, "牙科诊所"),
    "amenity/food_court": (None, "美食广场"),
    "amenity/kindergarten": ("Kindergarten", "幼儿园"),
    "amenity/language_school": ("Language School", "语言学校"),
    "amenity/nightclub": (None, "夜店"),
    "amenity/pharmacy": ("Pharmacy", None),
    "amenity/pub": (None, "酒馆"),
    "amenity/bicycle_rental": (None, "自行车租赁"),
    "craft": ("Workshop", None),
    "healthcare": ("Health Care", "医疗机构"),
    "healthcare/yes": ("Health Care", "医疗机构"),
    "leisure/fitness_centre": ("Gym", "健身房"),
    "leisure/sports_centre": ("Sports Centre", "体育中心"),
    "shop/bookmaker": (None, "投注站"),
    "shop/hearing_aids": (None, "助听器店"),
    "shop/hobby": (None, "爱好用品店"),
    "shop/money_lender": (None, "小额贷款"),
    "shop/trade": (None, "建材商店"),
    "shop/yes": ("Shop", "商店"),
    "tourism/attraction": ("Sight", "景点"),
}

# Words of the schema that would bring a searcher to the wrong shop.
NOT_TERMS = {
    "amenity/cafe": "餐馆 餐厅",
    "amenity/restaurant": "bar cafe café coffee",
    "amenity/doctors": "医院",
    "amenity/dentist": "医院",
    "shop": "超市 便利店",
    "shop/wine": "酒店 酒楼",
    "shop/garden_centre": "花店",
    "shop/bookmaker": "书商",
    "shop/herbalist": "医院",
    "shop/medical_supply": "医院",
}
EXTRA_TERMS: dict[str, tuple[str, str]] = {
    "amenity/cafe": ("café,coffee shop,coffeehouse", "咖啡店"),
    "amenity/bar": ("cocktails,drinks", "鸡尾酒,小酒馆"),
    "amenity/pub": ("beer", "啤酒"),
    "amenity/pharmacy": ("chemist,drugstore", "药店"),
    "leisure/fitness_centre": ("fitness", "健身"),
    "shop/convenience": ("corner shop,minimarket", "便利店,小卖部"),
    "shop/hairdresser": ("hair,haircut,salon", "美发"),
    "tourism/hotel": ("accommodation,rooms", "住宿"),
}


def read(folder: Path, package: str, member: str) -> Any:
    """Read one JSON file of the one tgz in `folder` whose name starts with `package`."""
    (path,) = folder.glob(f"{package}-*.tgz")
    with tarfile.open(path) as tgz:
        handle = tgz.extractfile(f"package/{member}")
        assert handle is not None
        return json.load(handle)


def icon_names(folder: Path) -> set[str]:
    """Name every icon that maki and temaki really have."""
    names = set()
    for prefix, package in (("maki", "mapbox-maki"), ("temaki", "rapideditor-temaki")):
        (path,) = folder.glob(f"{package}-*.tgz")
        with tarfile.open(path) as tgz:
            for name in tgz.getnames():
                if name.startswith("package/icons/") and name.endswith(".svg"):
                    names.add(f"{prefix}-{Path(name).stem}")
    return names


def local_names(folder: Path, keys: list[str], preset_of: dict[str, str]) -> dict[str, dict[str, str]]:
    """Name the categories in every other language that is mostly translated: {"fi": {"amenity/cafe": …}}."""
    package = "openstreetmap-id-tagging-schema"
    found = {}
    for code in sorted(read(folder, package, "dist/translations/index.json")):
        if code in ("en", "zh", "gan", "yue") or not code.isalpha():
            continue
        presets = read(folder, package, f"dist/translations/{code}.json")[code].get("presets", {})
        spoken = presets.get("presets", {})
        names = {key: spoken.get(preset_of[key], {}).get("name") for key in keys}
        names = {key: name for key, name in names.items() if name}
        if len(names) > MOSTLY * len(keys):
            found[code] = names
    return found


def words(text: str, key: str, extra: str) -> list[str]:
    """Split a comma list, add our own words, drop repeats and the misleading ones."""
    unwanted = NOT_TERMS.get(key, "").split()
    found = [word.strip() for word in f"{text},{extra}".split(",")]
    return [word for word in dict.fromkeys(found) if word and word not in unwanted]


def main(folder: Path) -> None:
    """Write categories.json from the packages in `folder`."""
    version = read(folder, "openstreetmap-id-tagging-schema", "package.json")["version"]
    presets = read(folder, "openstreetmap-id-tagging-schema", "dist/presets.json")
    spoken = {}
    for locale in ("en", "zh-CN"):
        spoken[locale] = read(folder, "openstreetmap-id-tagging-schema", f"dist/translations/{locale}.json")[
            locale
        ]["presets"]["presets"]
    icons = icon_names(folder)
    group_of = {key: group for group, keys in MEMBERS.items() for key in keys.split() if "/" in key}
    group_icon = {group: icon for group, _, _, icon in GROUPS}

    def reference_of(preset: str) -> str:
        """Follow one reference such as {education/kindergarten} to the preset that has the words."""
        reference: str = presets[preset].get("name", "").strip("{}")
        return reference if reference in presets else preset

    def said(preset: str, locale: str) -> dict[str, str]:
        words_of: dict[str, str] = spoken[locale].get(reference_of(preset)) or {}
        return words_of

    preset_of: dict[str, str] = {}
    categories: dict[str, dict[str, Any]] = {}
    variants: dict[str, list[list[str]]] = {}
    for preset, details in sorted(presets.items(), key=lambda item: len(item[1]["tags"])):
        tags = list(details["tags"].items())
        if not tags:
            continue
        first_key, first_value = tags[0]
        key = first_key if first_value == "*" else f"{first_key}/{first_value}"
        if first_value == "*" and first_key not in table.ANY_VALUE_KEYS:
            continue
        if first_value != "*" and not table.is_place_tag(first_key, first_value):
            continue
        en, zh = said(preset, "en"), said(preset, "zh-CN")
        if len(tags) == 2 and key in categories and zh.get("name"):
            variants.setdefault(key, []).append([*tags[1], en["name"], zh["name"]])
        if len(tags) > 1:
            continue
        own_en, own_zh = NAMES.get(key, (None, None))
        extra_en, extra_zh = EXTRA_TERMS.get(key, ("", ""))
        group = group_of.get(key) or MEMBERS[first_key]
        icon = ICONS.get(details["icon"], details["icon"])
        preset_of[key] = reference_of(preset)
        categories[key] = {
            "key": key,
            "name_en": own_en or en["name"],
            "name_zh": own_zh or zh["name"],
            "terms_en": words(en.get("terms", ""), key, extra_en),
            "terms_zh": words(zh.get("terms", ""), key, extra_zh),
            "icon": icon if icon in icons else group_icon[group],
            "group": group,
        }
    missing = [f"{key}/{value}" for key, values in table.PLACE_TAGS.items() for value in values]
    assert not set(missing) - set(categories), set(missing) - set(categories)
    assert not set(group_of) - set(categories), set(group_of) - set(categories)

    def lines(rows: list[Any]) -> str:
        return ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)

    head = {
        "source": "npm @openstreetmap/id-tagging-schema (names, synonyms, icons); groups are o2o's own",
        "version": version,
        "licence": "ISC, Copyright (c) iD Contributors",
        "made_by": "tools/make_categories.py",
    }
    groups = [dict(zip(("key", "name_en", "name_zh", "icon"), row, strict=True)) for row in GROUPS]
    ordered = [categories[key] for key in sorted(categories)]
    variant_rows = [[key, *row] for key in sorted(variants) for row in variants[key]]
    TARGET.write_text(
        json.dumps(head, ensure_ascii=False, indent=1)[:-2]
        + f',\n "groups": [\n{lines(groups)}\n ],\n "categories": [\n{lines(ordered)}\n ],\n'
        + f' "variants": [\n{lines(variant_rows)}\n ]\n}}\n',
        encoding="utf-8",
    )
    local = local_names(folder, [row["key"] for row in ordered], preset_of)
    rows = [json.dumps({code: names}, ensure_ascii=False)[1:-1] for code, names in local.items()]
    LOCAL.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    print(f"{len(local)} languages -> {LOCAL}: {' '.join(local)}")
    print(f"{len(ordered)} categories, {len(variant_rows)} variants, schema {version} -> {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
