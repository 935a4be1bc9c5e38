"""What people say is wrong, and what the operator decides."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import KEY_LENGTH, Form
from o2o.kernel.web import GREATEST_ID
from o2o.kernel.words import N_
from o2o.reports.words import REVIEW_REASONS, SHOP_REASONS

DAMAGED = N_("This form is damaged. Please reload the page and try again.")


class ReportForm(Form):
    """A report: about which shop or review, why, in whose words; the rule checks all of it."""

    shop = HiddenField()
    review = HiddenField()
    key = HiddenField(default=new_id)
    reason = RadioField(_l("What is wrong?"), validate_choice=False)
    text = TextAreaField(_l("More about it"))
    photos = MultipleFileField()

    def about(self, review_id: int | None) -> None:
        """Offer the reasons for a listing, or for a review."""
        reasons = SHOP_REASONS if review_id is None else REVIEW_REASONS
        self.reason.choices = [SelectChoice(key, _l(text)) for key, text in reasons.items()]


class DecideForm(Form):
    """A decision and its words."""

    state = RadioField(
        _l("Your decision"),
        validate_choice=False,
        choices=[
            SelectChoice("upheld", _l("The report is right")),
            SelectChoice("dismissed", _l("Nothing is wrong")),
        ],
    )
    words = TextAreaField(_l("Why"), validators=[InputRequired()])
    take_down = BooleanField()


def number(text: str | None) -> int | None:
    """Read the number of a shop or a review; None where there is none. Raises BadInput."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= GREATEST_ID):
        raise BadInput("bad_number", DAMAGED)
    return int(text)


def key_of(text: str | None) -> str:
    """Read the key that makes a report repeatable; BadInput when it is none."""
    key = (text or "").strip()
    if not key or len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise BadInput("bad_key", DAMAGED)
    return key
