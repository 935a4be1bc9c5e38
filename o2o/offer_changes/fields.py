"""Form fields that say in the visitor's words what cannot be read."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import Optional, Regexp
from wtforms.widgets import TimeInput

from o2o.kernel.money import AmountRefused, parse_money, plain_money
from o2o.offers.draft import DAY

MONEY_WORDS = {
    "empty": _("Give an amount; 0 makes it free."),
    "not_a_number": _("Give an amount such as 38 or 38.50."),
    "negative": _("An amount cannot be negative."),
    "too_precise": _("That has more decimals than the currency."),
    "too_large": _("That amount is too large."),
}


class Whole(IntegerField):  # type: ignore[misc]
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError as fault:
            raise ValueError(gettext("Give a whole number.")) from fault


class Day(DateField):  # type: ignore[misc]
    """A calendar day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as fault:
            raise ValueError(gettext("Give a date such as 2026-12-31.")) from fault


class Minute(StringField):  # type: ignore[misc]
    """A time of day; phones show their own picker."""

    widget = TimeInput()

    def __init__(self, label: Any, **more: Any) -> None:
        shape = Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", message=_("Give times like 09:30."))
        super().__init__(label, validators=[Optional(), shape], **more)

    def minute(self) -> int | None:
        """Return the minutes since midnight; None for nothing typed, and where an error says that it is no time."""
        if self.errors or not (self.data or "").strip():
            return None
        hours, minutes = self.data.split(":")
        return int(hours) * 60 + int(minutes)


class Amount(StringField):  # type: ignore[misc]
    """An amount of money as a person types it."""

    errors: Sequence[str]

    def minor(self, currency: str, *, empty: int | None = None) -> int | None:
        """Return minor units; None after adding an error; `empty` stands for nothing typed."""
        if not (self.data or "").strip() and empty is not None:
            return empty
        if self.errors:
            return None
        try:
            return parse_money(self.data or "", currency)
        except AmountRefused as refusal:
            self.errors = [*self.errors, str(MONEY_WORDS[refusal.reason])]
            return None


def clock_text(minute: int | None) -> str | None:
    """Write minutes of the day as a time picker's value; what passes midnight starts again at 00:00."""
    return None if minute is None else f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def money_text(minor: int, currency: str) -> str:
    """Write an amount as people type it."""
    return plain_money(minor, currency).removesuffix(".00")
