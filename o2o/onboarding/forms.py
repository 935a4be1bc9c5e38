"""What people send about a shop they claim: a new place, and answers to the checklist."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, MultipleFileField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from o2o.kernel.degrees import Degrees
from o2o.kernel.forms import OnceForm
from o2o.onboarding.papers import LONGEST

WHERE = _("Tap the map where the door is, or give both numbers.")
TOO_LONG = _("Keep this within %(max)d characters.")


def stripped(value: str | None) -> str:
    """Trim what was typed."""
    return (value or "").strip()


class Day(DateField):  # type: ignore[misc]
    """A date as phones send it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as fault:
            raise ValueError(gettext("Give a date such as 2027-03-31.")) from fault


class NewShopForm(OnceForm):
    """A shop that is not on the map yet: its name, what it is, and where its door is."""

    name = StringField(
        _("Name on the sign"),
        filters=[stripped],
        validators=[
            InputRequired(_("A shop needs a name.")),
            Length(max=120, message=TOO_LONG),
        ],
    )
    category = SelectField(
        _("Category"),
        validate_choice=False,
        validators=[InputRequired(_("Choose a category from the list."))],
    )
    lat = Degrees(_("Latitude"), validators=[InputRequired(WHERE), NumberRange(-90, 90, WHERE)])
    lng = Degrees(_("Longitude"), validators=[InputRequired(WHERE), NumberRange(-180, 180, WHERE)])
    sure = HiddenField()

    def values(self) -> dict[str, Any]:
        """Return what rules.propose takes."""
        return {field: self[field].data for field in ("name", "category", "lat", "lng")}

    def point(self) -> dict[str, Any]:
        """Return what queries.same_nearby takes."""
        return {field: self[field].data for field in ("name", "lat", "lng")}


class AnswerForm(OnceForm):
    """An answer to one line of the checklist; which of these it asks for, the line knows."""

    text = StringField(filters=[stripped], validators=[Length(max=LONGEST, message=TOO_LONG)])
    photos = MultipleFileField()
    expires_on = Day(validators=[Optional()])
    terms_version = HiddenField()

    def version(self) -> int | None:
        """Return the version of the terms that was read; None when the form does not say."""
        said = self.terms_version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 8 else None

    def day(self) -> date | None:
        """Return the last day of a paper."""
        found: date | None = self.expires_on.data
        return found
