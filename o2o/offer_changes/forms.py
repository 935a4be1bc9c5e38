"""What an owner types about an offer, and the draft it stands for."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from o2o.designer.models import Plan
from o2o.designer.rules import REGULARS, Costs
from o2o.kernel.calendar import weekday_span
from o2o.kernel.forms import OnceForm
from o2o.offer_changes.fields import MONEY_WORDS, Amount, Day, Minute, Whole, clock_text, money_text
from o2o.offers.draft import DAY, LONGEST_NOTES, LONGEST_PART, LONGEST_TITLE, MOST_PARTS, Draft, Part
from o2o.offers.models import Terms

BLANK_ROWS = 4


def stripped(value: str | None) -> str | None:
    """Trim what was typed."""
    return value.strip() if value else value


def within(most: int) -> Length:
    """Limit a text's length."""
    return Length(max=most, message=_("Keep this within %(max)d characters."))


class PartForm(PlainForm):  # type: ignore[misc]
    """One line of what the buyer gets; a line without text is left out."""

    text = StringField(_("What"), filters=[stripped], validators=[within(LONGEST_PART)])
    quantity = Whole(_("How many"), validators=[Optional()])
    alone = Amount(_("Price each"))


class OfferForm(OnceForm):
    """Everything that terms say, in the owner's words."""

    title = StringField(
        _("Title"),
        filters=[stripped],
        validators=[
            InputRequired(_("Give the offer a title, such as “Lunch for two”.")),
            within(LONGEST_TITLE),
        ],
    )
    contents = FieldList(FormField(PartForm), min_entries=BLANK_ROWS, max_entries=MOST_PARTS)
    price = Amount(_("Price"), validators=[InputRequired(MONEY_WORDS["empty"])])
    uses = Whole(_("Uses per voucher"), default=1, validators=[InputRequired(_("Give a whole number."))])
    validity = RadioField(_("How long it is valid"), default="days", validate_choice=False)
    valid_days = Whole(_("Days after purchase"), default=30, validators=[Optional()])
    valid_from = Day(_("First day"), validators=[Optional()])
    valid_until = Day(_("Last day"), validators=[Optional()])
    weekdays = SelectMultipleField(
        _("Days of the week"),
        coerce=str,
        validate_choice=False,
        default=[str(day) for day in range(7)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    from_minute = Minute(_("From (time of day)"))
    to_minute = Minute(_("To (time of day)"))
    per_person = Whole(_("Most per person"), validators=[Optional()])
    total_cap = Whole(_("Number in all"), validators=[Optional()])
    day_cap = Whole(_("Number a day"), validators=[Optional()])
    cost = Amount(_("What serving one voucher costs you"))
    fixed = Amount(_("What the whole deal costs you besides"))
    regulars = Whole(_("Buyers who would have come anyway, in %"), default=REGULARS, validators=[Optional()])
    known = HiddenField()
    notes = TextAreaField(_("Good to know"), filters=[stripped], validators=[within(LONGEST_NOTES)])
    refund_before_use = BooleanField(_("Refund any time before use"), default=True)
    refund_at_expiry = BooleanField(_("Refund by itself when it expires unused"), default=True)

    def offer_choices(self, locale: str) -> "OfferForm":
        """Fill the choices in the reader's language."""
        self.validity.choices = [
            ("days", gettext("Some days after purchase")),
            ("dates", gettext("Fixed dates")),
        ]
        self.weekdays.choices = [(str(day), weekday_span(1 << day, locale)) for day in range(7)]
        return self

    def add_lines(self) -> None:
        """Append blank lines to the contents, as far as there may be more."""
        for _row in range(min(BLANK_ROWS, MOST_PARTS - len(self.contents))):
            self.contents.append_entry()

    def draft(self, currency: str, *, coupons_only: bool) -> Draft | None:
        """Return the draft, or None after marking the fields that cannot be read."""
        parts = [self._part(row, currency) for row in self.contents if _is_filled(row.form)]
        price = self.price.minor(currency)
        if price and coupons_only:
            self.price.errors = [gettext("Only free coupons for now: this town takes no money yet.")]
            price = None
        if price is None or None in parts or self.uses.data is None:
            return None
        by_date = self.validity.data == "dates"
        return Draft(
            title=self.title.data or "",
            contents=tuple(part for part in parts if part),
            price=price,
            notes=self.notes.data or "",
            uses=self.uses.data,
            valid_days=None if by_date else self.valid_days.data,
            valid_from=self.valid_from.data if by_date else None,
            valid_until=self.valid_until.data if by_date else None,
            weekdays=self._weekdays(),
            from_minute=self.from_minute.minute(),
            to_minute=self._end(),
            per_person=self.per_person.data,
            total_cap=self.total_cap.data,
            day_cap=self.day_cap.data,
            refund_before_use=self.refund_before_use.data,
            refund_at_expiry=self.refund_at_expiry.data,
        )

    def costs(self, currency: str) -> Costs | None:
        """Return what the owner reckons with; None where nothing is given, or after marking what cannot be read."""
        if not (self.cost.data or "").strip():
            if (self.fixed.data or "").strip():
                self.cost.errors = [gettext("Say what one voucher costs you too; 0 if nothing.")]
            return None
        cost, fixed = self.cost.minor(currency), self.fixed.minor(currency, empty=0)
        if cost is None or fixed is None:
            return None
        return Costs(cost=cost, fixed=fixed, regulars=self.regulars.data or 0, known=self.known.data or "")

    def _part(self, row: FormField, currency: str) -> Part | None:
        alone = row.form.alone.minor(currency, empty=0)
        if alone is None:
            return None
        quantity = row.form.quantity.data
        return Part(row.form.text.data or "", 1 if quantity is None else quantity, alone)

    def _weekdays(self) -> int:
        return sum(1 << day for day in range(7) if str(day) in (self.weekdays.data or []))

    def _end(self) -> int | None:
        """Return the end of the hours; one that is not after the start lies past midnight."""
        start, end = self.from_minute.minute(), self.to_minute.minute()
        if start is None or end is None or end > start:
            return end
        return end + DAY


def _is_filled(row: PlainForm) -> bool:
    return bool((row.text.data or "").strip() or (row.alone.data or "").strip())


def plan_values(plan: Plan | None, currency: str) -> dict[str, Any]:
    """Return the form's values for what an owner reckons with."""
    if plan is None:
        return {}
    fixed = money_text(plan.fixed, currency) if plan.fixed else ""
    return {"cost": money_text(plan.cost, currency), "fixed": fixed, "regulars": plan.regulars}


def terms_values(terms: Terms) -> dict[str, Any]:
    """Return the form's values for terms that are there; a few blank lines follow the contents."""
    parts = [
        {"text": text, "quantity": count, "alone": money_text(alone, terms.currency)}
        for text, count, alone in terms.contents
    ]
    blank = min(MOST_PARTS - len(parts), 2)
    copied = (
        "title",
        "notes",
        "uses",
        "valid_days",
        "valid_from",
        "valid_until",
        "per_person",
        "total_cap",
        "day_cap",
    )
    return {
        **{name: getattr(terms, name) for name in (*copied, "refund_before_use", "refund_at_expiry")},
        "contents": parts + [{} for _row in range(blank)],
        "price": money_text(terms.price, terms.currency),
        "validity": "days" if terms.valid_until is None else "dates",
        "weekdays": [str(day) for day in range(7) if terms.weekdays >> day & 1],
        "from_minute": clock_text(terms.from_minute),
        "to_minute": clock_text(terms.to_minute),
    }
