"""What owners and the operator type about a shop."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import TimeInput

from o2o.kernel.degrees import Degrees
from o2o.kernel.forms import Form, OnceForm
from o2o.places import categories, hours_week
from o2o.places.hours import LONGEST
from o2o.shops.models import ROLES

ALWAYS = [[("00:00", "24:00")] for _day in range(7)]
HOURS_KINDS = ("unknown", "always", "week", "text")
SAID = 1000  # characters of hours in somebody's own words
SPANS = (("from1", "to1"), ("from2", "to2"))
EDITED = (
    "name",
    "name_zh",
    "name_en",
    "category",
    "about",
    "address",
    "phone",
    "website",
    "wheelchair",
    "lat",
    "lng",
)


def stripped(value: str | None) -> str | None:
    """Trim what was typed."""
    return value.strip() if value else value


def within(most: int) -> Length:
    """Limit a text's length."""
    return Length(max=most, message=_("Keep this within %(max)d characters."))


def on_earth(most: int) -> NumberRange:
    """Limit a coordinate."""
    words = {90: _("Give a number from −90 to 90."), 180: _("Give a number from −180 to 180.")}
    return NumberRange(-most, most, words[most])


def clock_field(label: Any) -> StringField:
    """Make a field for a time of day; phones show their own picker."""
    shape = Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", message=_("Give times like 09:30."))
    return StringField(label, widget=TimeInput(), validators=[Optional(), shape])


class DayForm(PlainForm):  # type: ignore[misc]
    """One day of the week: two spans, or closed."""

    closed = BooleanField(_("Closed"))
    from1 = clock_field(_("Opens"))
    to1 = clock_field(_("Closes"))
    from2 = clock_field(_("Opens again"))
    to2 = clock_field(_("Closes again"))

    def spans(self) -> list[tuple[str, str]]:
        """Return the day's spans; ValueError when a span has one end only or none of its length."""
        if self.closed.data:
            return []
        found = []
        for first, last in SPANS:
            start, end = self[first].data or "", self[last].data or ""
            if bool(start) != bool(end) or (start and start == end):
                raise ValueError(start or end)
            if start:
                # A day that closes at midnight closes at 24:00; 00:00 is how a time picker says it.
                found.append((start, "24:00" if end == "00:00" else end))
        return found


class ShopForm(OnceForm):
    """Everything an owner may say about the shop."""

    version = HiddenField()
    name = StringField(
        _("Name on the sign"),
        filters=[stripped],
        validators=[InputRequired(_("A shop needs a name.")), within(120)],
    )
    name_zh = StringField(_("Chinese name"), filters=[stripped], validators=[within(120)])
    name_en = StringField(_("English name"), filters=[stripped], validators=[within(120)])
    category = SelectField(
        _("Category"),
        validate_choice=False,
        validators=[InputRequired(_("Choose a category from the list."))],
    )
    about = TextAreaField(_("About the shop"), filters=[stripped], validators=[within(1000)])
    address = StringField(_("Address"), filters=[stripped], validators=[within(240)])
    phone = StringField(_("Phone"), filters=[stripped], validators=[within(80)])
    website = StringField(_("Website"), filters=[stripped], validators=[within(300)])
    wheelchair = SelectField(_("Wheelchair access"), validate_choice=False)
    hours_kind = RadioField(_("Opening hours"), default="unknown", validate_choice=False)
    day0 = FormField(DayForm)
    day1 = FormField(DayForm)
    day2 = FormField(DayForm)
    day3 = FormField(DayForm)
    day4 = FormField(DayForm)
    day5 = FormField(DayForm)
    day6 = FormField(DayForm)
    said = TextAreaField(_("Paste or say your hours"), filters=[stripped], validators=[within(SAID)])
    hours_text = StringField(_("Opening hours as text"), filters=[stripped], validators=[within(LONGEST)])
    lat = Degrees(_("Latitude"), validators=[InputRequired(_("Give a number from −90 to 90.")), on_earth(90)])
    lng = Degrees(
        _("Longitude"), validators=[InputRequired(_("Give a number from −180 to 180.")), on_earth(180)]
    )

    @property
    def days(self) -> list[FormField]:
        """Return the seven days, Monday first; not a FieldList, which would close the gap of a day left out."""
        return [self[f"day{number}"] for number in range(7)]

    def offer_choices(self, locale: str) -> "ShopForm":
        """Fill the choices in the reader's language."""
        self.category.choices = categories.grouped(locale)
        self.wheelchair.choices = [
            ("", gettext("Not said")), ("yes", gettext("Step-free")), ("limited", gettext("Partly")),
            ("no", gettext("Not accessible")),
        ]  # fmt: skip
        self.hours_kind.choices = [
            ("unknown", gettext("Not said")),
            ("always", gettext("Always open")),
            ("week", gettext("By weekday")),
            ("text", gettext("Other rules, as text")),
        ]
        return self

    def validate_hours_kind(self, field: RadioField) -> None:
        """Refuse an unknown way of saying, and a span with one end; said once, above the table."""
        if field.data not in HOURS_KINDS:
            raise ValidationError(gettext("Choose one of the listed answers."))
        if field.data != "week":
            return
        try:
            for day in self.days:
                day.form.spans()
        except ValueError as fault:
            raise ValidationError(gettext("Each opening time needs a different closing time.")) from fault

    def seen(self) -> int:
        """Return the version of the shop that the editor saw, 0 when the form does not know."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def values(self) -> dict[str, Any]:
        """Return the shop's values as rules.edit_shop takes them."""
        said = {name: self[name].data for name in EDITED}
        said["wheelchair"] = self.wheelchair.data or None
        said["hours"] = self.hours()
        return said

    def hours(self) -> str | None:
        """Return the opening_hours string that the chosen way of saying stands for."""
        kind = self.hours_kind.data
        if kind == "week":
            return hours_week.from_week([day.form.spans() for day in self.days])
        if kind == "always":
            return "24/7"
        return self.hours_text.data if kind == "text" else None


class InviteForm(OnceForm):
    """Whom to invite, and as what."""

    kind = RadioField(_("Role"), default="staff", validate_choice=False)
    name = StringField(_("Name for your own list"), filters=[stripped], validators=[within(40)])

    def offer_choices(self) -> "InviteForm":
        """Fill the choices in the reader's language; whatever else was sent means staff."""
        if self.kind.data not in ROLES:
            self.kind.data = "staff"
        self.kind.choices = [
            ("staff", gettext("Staff: redeems at the till")),
            ("manager", gettext("Manager: runs offers, menu and guests; no money, no roles")),
            ("owner", gettext("Owner: runs the shop with you")),
        ]
        return self


class OwnerForm(OnceForm):
    """Give a listing away: by a link, or at once to an account that is known here."""

    handle = StringField(_("Account name"), filters=[stripped], validators=[within(40)])
    checklist = BooleanField(_("Ask for the checklist first"))

    def validate_handle(self, field: StringField) -> None:
        """Refuse to put a person before a checklist that they did not ask for."""
        if field.data and self.checklist.data:
            raise ValidationError(gettext("The checklist goes with a link: leave the account name empty."))


class SearchForm(Form):
    """Which listings the operator looks for."""

    q = StringField(_("Name"), filters=[stripped], validators=[within(80)])


def week_values(hours: str | None) -> dict[str, Any]:
    """Return the form's hours fields for an opening_hours string."""
    week = hours_week.to_week(hours)
    if week is None:
        return {"hours_kind": "text" if hours else "unknown", "hours_text": hours}
    if week == ALWAYS:
        return {"hours_kind": "always"}
    if any(len(spans) > len(SPANS) for spans in week):
        return {"hours_kind": "text", "hours_text": hours}
    days: dict[str, Any] = {}
    for number, spans in enumerate(week):
        days[f"day{number}"] = day_values(spans)
    return {"hours_kind": "week", "hours_text": hours, **days}


def day_values(spans: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the fields of one day."""
    day: dict[str, Any] = {"closed": not spans}
    for (first, last), (start, end) in zip(SPANS, spans, strict=False):
        day |= {first: start, last: "00:00" if end == "24:00" else end}
    return day
