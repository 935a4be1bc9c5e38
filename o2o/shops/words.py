"""What a shop may say about itself: each value in its bounds, or refused with its field."""

from typing import Any

from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.osm.place import website_of
from o2o.places import categories, hours

WHEELCHAIR = ("yes", "limited", "no")
_LIMITS = {
    "name": 120, "name_zh": 120, "name_en": 120, "about": 1000, "address": 240, "phone": 80, "website": 300,
    "hours": hours.LONGEST,
}  # fmt: skip


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values trimmed, an empty text as None; RuleBroken (422) names the first that cannot be."""
    wanted = {name: _text(value) for name, value in values.items()}
    _check(wanted)
    return wanted


def _text(value: Any) -> Any:
    """Trim texts; an empty one is None."""
    return (value.strip() or None) if isinstance(value, str) else value


def _check(values: dict[str, Any]) -> None:
    """Refuse the first value that cannot be."""
    for name, most in _LIMITS.items():
        if len(values.get(name) or "") > most:
            raise _refuse(name, "too_long", N_("Keep this within %(most)s characters."), most=most)
    if "name" in values and not values["name"]:
        raise _refuse("name", "name_missing", N_("A shop needs a name."))
    known = {category.key for category in categories.all_categories()}
    if "category" in values and values["category"] not in known | {"shop", "craft", "healthcare"}:
        raise _refuse("category", "category_unknown", N_("Choose a category from the list."))
    website = values.get("website")
    if website:
        values["website"] = website_of(website)
        if values["website"] is None:
            raise _refuse("website", "website_bad", N_("Give a web address such as https://example.org."))
    if values.get("wheelchair") not in (None, *WHEELCHAIR):
        raise _refuse("wheelchair", "wheelchair_unknown", N_("Choose one of the listed answers."))
    for name, most in (("lat", 90), ("lng", 180)):
        if name in values and not (isinstance(values[name], float | int) and -most <= values[name] <= most):
            raise _refuse(name, f"{name}_range", N_("Give a number from −%(most)s to %(most)s."), most=most)


def _refuse(field: str, code: str, sentence: str, **params: Any) -> RuleBroken:
    return RuleBroken(code, sentence, status=422, field=field, **params)
