"""What is typed about special days."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Optional

from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form, OnceForm
from o2o.kernel.words import N_
from o2o.places.hours_special import Minutes
from o2o.shops.forms import clock_field, stripped, within
from o2o.shops.special import LONGEST_NOTE

KINDS = ("closed", "open")


class Day(DateField):  # type: ignore[misc]
    """A calendar day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError as fault:
            raise ValueError(gettext("Give a date such as 2026-12-31.")) from fault


class DaysForm(OnceForm):
    """Some days in a row: closed, or open from one time to another."""

    first = Day(_("First day"), validators=[InputRequired(_("Give a date such as 2026-12-31."))])
    last = Day(_("Last day"), validators=[Optional()])
    kind = RadioField(_("On these days"), default="closed", validate_choice=False)
    opens = clock_field(_("Opens"))
    closes = clock_field(_("Closes"))
    note = StringField(_("Why"), filters=[stripped], validators=[within(LONGEST_NOTE)])

    def offer_choices(self) -> "DaysForm":
        """Fill the choices in the reader's language."""
        self.kind.choices = [("closed", gettext("Closed")), ("open", gettext("Open at other hours"))]
        return self

    def validate_kind(self, field: RadioField) -> None:
        """Refuse an unknown answer."""
        if field.data not in KINDS:
            raise ValidationError(gettext("Choose one of the listed answers."))

    def validate(self, *args: Any, **more: Any) -> bool:
        """Ask for both times of a day that is open; a field that may be empty asks nothing by itself."""
        is_sound = bool(super().validate(*args, **more))
        if self.kind.data == "open" and not (self.opens.data and self.closes.data):
            sentence = gettext("Each opening time needs a different closing time.")
            self.closes.errors = [*self.closes.errors, sentence]
            return False
        return is_sound

    def days(self) -> tuple[date, date]:
        """Return the first and the last day; one day alone is both."""
        return self.first.data, self.last.data or self.first.data

    def minutes(self) -> Minutes | None:
        """Return the minutes of the day between which it is open; a closing before the opening is after midnight."""
        if self.kind.data != "open":
            return None
        first, last = minute_of(self.opens.data), minute_of(self.closes.data)
        # A day that closes at midnight closes at 24:00; 00:00 is how a time picker says it.
        return first, last + 1440 if last < first or last == 0 else last


class DropForm(Form):
    """Which days become ordinary again; the page's own buttons say it."""

    first = StringField()
    last = StringField()

    def days(self) -> Mapping[str, date]:
        """Return both days; BadInput for what no button says."""
        try:
            return {name: date.fromisoformat(self[name].data or "") for name in ("first", "last")}
        except ValueError as fault:
            sentence = N_("This form is damaged. Please reload the page and try again.")
            raise BadInput("bad_days", sentence) from fault


def minute_of(text: str) -> int:
    """Return the minutes since midnight of a time that was checked."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def suggested(text: str) -> dict[str, Any]:
    """Fill the form from the address with a day that was chosen from the list; nothing for what is none."""
    try:
        return {"first": date.fromisoformat(text)} if text else {}
    except ValueError:
        return {}
