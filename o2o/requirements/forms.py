"""What the operator types about requirements and terms."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from o2o.checklist.models import Requirement
from o2o.checklist.queries import BUILT
from o2o.kernel.dates import Day
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import OnceForm, stripped
from o2o.kernel.words import N_
from o2o.offers.rules import day_start

NOTICE = timedelta(days=30)  # from today, what the forms propose
LEAST_NOTICE = timedelta(days=7)  # for new terms
FARTHEST = timedelta(days=366 * 3)
KIND_WORDS = {
    "computed": N_("The town sees it by itself"),
    "attested": N_("The owner's word is enough"),
    "verified": N_("You look at it and decide"),
}


def within(most: int) -> Length:
    """Limit a text's length."""
    return Length(max=most, message=_l("Keep this within %(max)d characters."))


class DueForm(OnceForm):
    """What comes with anything that is asked anew of those who sell already."""

    sure = HiddenField()

    def due_at(self, day: date | None, zone: ZoneInfo) -> datetime | None:
        """Give the end of the last day on which nothing stops yet."""
        return day_start(day + timedelta(days=1), zone.key) if day else None


class LineForm(DueForm):
    """A line of the checklist, the house's or the operator's own."""

    is_on = BooleanField(_l("Ask for it"))
    kind = RadioField(_l("How it is settled"), validate_choice=False)
    title_zh = StringField(_l("Name in Chinese"), filters=[stripped], validators=[within(80)])
    title_en = StringField(_l("Name in English"), filters=[stripped], validators=[within(80)])
    help_zh = TextAreaField(_l("Explanation in Chinese"), filters=[stripped], validators=[within(300)])
    help_en = TextAreaField(_l("Explanation in English"), filters=[stripped], validators=[within(300)])
    asks_text = BooleanField(_l("Asks for words or a number"))
    asks_photo = BooleanField(_l("Asks for a photo"))
    asks_expiry = BooleanField(_l("Asks until when it is valid"))
    due = Day(_l("Shops that sell already have until"), validators=[Optional()])

    def offer(self, key: str) -> "LineForm":
        """Fill in which kinds this line may have."""
        kinds = BUILT[key].kinds if key in BUILT else ("attested", "verified")
        self.kind.choices = [SelectChoice(kind, gettext(KIND_WORDS[kind])) for kind in kinds]
        return self

    def values(self, key: str) -> dict[str, Any]:
        """Return what the rules take; what the town sees by itself asks for nothing."""
        words = {name: self[name].data or "" for name in ("title_zh", "title_en", "help_zh", "help_en")}
        if key in BUILT and BUILT[key].kind == "computed":
            return words
        asks = {name: bool(self[name].data) for name in ("asks_text", "asks_photo", "asks_expiry")}
        return {**words, **asks, "kind": self.kind.data or ""}


class TermsForm(DueForm):
    """The next terms for merchants, in both languages."""

    text_zh = TextAreaField(
        _l("Terms in Chinese"),
        filters=[stripped],
        validators=[InputRequired(_l("Write the terms in both languages.")), within(20_000)],
    )
    text_en = TextAreaField(
        _l("Terms in English"),
        filters=[stripped],
        validators=[InputRequired(_l("Write the terms in both languages.")), within(20_000)],
    )
    due = Day(_l("To be accepted by"), validators=[InputRequired(_l("Say until when they have time."))])
    today: date | None = None

    def validate_due(self, field: Day) -> None:
        """Give everybody a week at least."""
        if self.today is None or field.data is None:
            return
        if not self.today + LEAST_NOTICE <= field.data <= self.today + FARTHEST:
            raise ValidationError(gettext("Give them at least 7 days, and at most three years."))


def check_due(day: date | None, today: date, row: Requirement | None, stands: date | None) -> None:
    """Refuse a day that is over, or too far; the one that stands already may stay."""
    if day is None or (row is not None and day == stands):
        return
    if not today <= day <= today + FARTHEST:
        sentence = N_("Choose today or a later day, at most three years ahead.")
        raise BadInput("past", sentence, status=422, field="due")
