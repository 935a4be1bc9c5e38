"""What an owner writes down before an offer is published: checked, never stored."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from o2o.kernel.errors import RuleBroken
from o2o.kernel.money import GREATEST
from o2o.kernel.words import N_
from o2o.offers.models import MAX_USES

EVERY_DAY = 127
DAY = 1440  # minutes
LONGEST_TITLE = 80
LONGEST_NOTES = 500
LONGEST_PART = 80
MOST_PARTS = 20
MOST_OF_A_PART = 99
LONGEST_VALIDITY = 730  # days
GREATEST_CAP = 1_000_000
MOST_PER_PERSON = 100

# What can be wrong with a draft: code -> (the draft's field, what to say).
FAULTS = {
    "title_missing": ("title", N_("Give the offer a title, such as “Lunch for two”.")),
    "title_long": ("title", N_("Keep the title within %(most)s characters.")),
    "contents_missing": ("contents", N_("Write down at least one thing that the buyer gets.")),
    "contents_many": ("contents", N_("List at most %(most)s things.")),
    "part_text": ("contents", N_("Say in at most %(most)s characters what each thing is.")),
    "part_quantity": ("contents", N_("Each quantity is a whole number from 1 to %(most)s.")),
    "part_price": ("contents", N_("A price alone must not be negative or that large.")),
    "notes_long": ("notes", N_("Keep the notes within %(most)s characters.")),
    "price_range": ("price", N_("The price must not be negative or that large.")),
    "price_above_parts": (
        "price",
        N_("The price is higher than its parts bought alone. List everything the buyer gets, for all uses."),
    ),
    "uses_range": ("uses", N_("Uses are a whole number from 1 to %(most)s.")),
    "validity_missing": ("valid_days", N_("Say how many days it is valid, or until which date.")),
    "validity_both": ("valid_days", N_("Choose either days after purchase or fixed dates, not both.")),
    "valid_days_range": ("valid_days", N_("Validity is a whole number of days from 1 to %(most)s.")),
    "dates_order": ("valid_from", N_("The first day must not come after the last.")),
    "dates_past": ("valid_until", N_("The last day is already over.")),
    "dates_far": ("valid_until", N_("The last day must be within two years.")),
    "weekdays_none": ("weekdays", N_("Choose at least one day of the week.")),
    "hours_half": ("from_minute", N_("Give both times of the day, or neither.")),
    "hours_range": ("from_minute", N_("Give the times of one day; the second may be after midnight.")),
    "per_person_range": ("per_person", N_("The limit per person is a whole number from 1 to %(most)s.")),
    "total_cap_range": ("total_cap", N_("The total is a whole number from 1 to %(most)s.")),
    "day_cap_range": ("day_cap", N_("The number a day is a whole number from 1 to %(most)s.")),
}


class Part(NamedTuple):
    """One line of what the buyer gets; `price_alone` is one piece's usual price in minor units."""

    text: str
    quantity: int
    price_alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Terms as the owner wishes them; fields as in models.Terms. Money in minor units of the town's currency.

    `contents` covers all uses of one voucher together. Give either `valid_days` or `valid_until`.
    """

    title: str
    contents: tuple[Part, ...]
    price: int
    notes: str = ""
    uses: int = 1
    valid_days: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    weekdays: int = EVERY_DAY
    from_minute: int | None = None
    to_minute: int | None = None
    per_person: int | None = None
    total_cap: int | None = None
    day_cap: int | None = None
    refund_before_use: bool = True
    refund_at_expiry: bool = True

    @property
    def parts_price(self) -> int:
        """Add up what the contents cost bought alone, in minor units."""
        return sum(Part(*part).quantity * Part(*part).price_alone for part in self.contents)


def check(draft: Draft, today: date) -> None:
    """Raise RuleBroken (422) with a code of FAULTS for the first fault; `today` is the town's."""
    _check_words(draft)
    _check_money(draft)
    _check_validity(draft, today)
    _check_day(draft)
    _check_range("uses_range", draft.uses, MAX_USES)
    limits = (("per_person", MOST_PER_PERSON), ("total_cap", GREATEST_CAP), ("day_cap", GREATEST_CAP))
    for name, most in limits:
        wanted: int | None = getattr(draft, name)
        if wanted is not None:
            _check_range(f"{name}_range", wanted, most)


def refuse(code: str, **params: object) -> RuleBroken:
    """Make the refusal of a fault; `field` tells a form where it belongs."""
    field, sentence = FAULTS[code]
    return RuleBroken(code, sentence, status=422, field=field, **params)


def _check_range(code: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise refuse(code, most=most)


def _check_words(draft: Draft) -> None:
    if not draft.title.strip():
        raise refuse("title_missing")
    if len(draft.title) > LONGEST_TITLE:
        raise refuse("title_long", most=LONGEST_TITLE)
    if len(draft.notes) > LONGEST_NOTES:
        raise refuse("notes_long", most=LONGEST_NOTES)
    if not draft.contents:
        raise refuse("contents_missing")
    if len(draft.contents) > MOST_PARTS:
        raise refuse("contents_many", most=MOST_PARTS)


def _check_money(draft: Draft) -> None:
    for part in draft.contents:
        text, quantity, price_alone = part
        if not text.strip() or len(text) > LONGEST_PART:
            raise refuse("part_text", most=LONGEST_PART)
        _check_range("part_quantity", quantity, MOST_OF_A_PART)
        if not 0 <= price_alone <= GREATEST:
            raise refuse("part_price")
    if not 0 <= draft.price <= GREATEST:
        raise refuse("price_range")
    if draft.price > draft.parts_price:
        raise refuse("price_above_parts")


def _check_validity(draft: Draft, today: date) -> None:
    if draft.valid_days is None and draft.valid_until is None:
        raise refuse("validity_missing")
    if draft.valid_days is not None:
        if draft.valid_until is not None or draft.valid_from is not None:
            raise refuse("validity_both")
        _check_range("valid_days_range", draft.valid_days, LONGEST_VALIDITY)
    if draft.valid_until is not None:
        if draft.valid_from is not None and draft.valid_from > draft.valid_until:
            raise refuse("dates_order")
        if draft.valid_until < today:
            raise refuse("dates_past")
        if (draft.valid_until - today).days > LONGEST_VALIDITY:
            raise refuse("dates_far")


def _check_day(draft: Draft) -> None:
    if not 1 <= draft.weekdays <= EVERY_DAY:
        raise refuse("weekdays_none")
    start, end = draft.from_minute, draft.to_minute
    if (start is None) != (end is None):
        raise refuse("hours_half")
    if start is not None and end is not None and not (0 <= start < DAY and start < end <= start + DAY):
        raise refuse("hours_range")
