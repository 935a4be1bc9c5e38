"""What guests and owners send: stars and words, a yes or no, a line."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, MultipleFileField, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length

from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import KEY_LENGTH, Form
from o2o.kernel.words import N_
from o2o.reviews.answers import LONGEST as LONGEST_LINE
from o2o.reviews.rules import LONGEST, LONGEST_REPLY

STARS = {5: N_("Great"), 4: N_("Good"), 3: N_("All right"), 2: N_("Poor"), 1: N_("Bad")}
TOO_LONG = _l("Keep this within %(max)d characters.")


def _plain(text: str | None) -> str:
    """Drop the carriage returns that browsers add, and the space around."""
    return (text or "").replace("\r\n", "\n").strip()


def damaged() -> BadInput:
    """Refuse a form that no page of ours sent."""
    return BadInput("bad_form", N_("This form is damaged. Please reload the page and try again."))


class SaidForm(Form):
    """A form whose refusals keep their status."""

    status = 422


class ProofForm(SaidForm):
    """Anything said about a proof, with the press's own number."""

    redemption = HiddenField(filters=[_plain])
    visit = HiddenField(filters=[_plain])
    key = HiddenField(default=new_id)

    def proof(self) -> dict[str, str | None]:
        """Name the proof for the rules; BadInput when the form names none, or two."""
        named = self.redemption.data or None, self.visit.data or None
        if (named[0] is None) == (named[1] is None):
            raise damaged()
        return {"redemption_id": named[0], "visit_id": named[1]}

    def press(self) -> str:
        """Return the press's own number; BadInput when it is none."""
        key = self.key.data or ""
        if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise damaged()
        return key


class ReviewForm(ProofForm):
    """Stars, words, photos; `kept` names the photos that an edit leaves."""

    rating = RadioField(
        _l("Your stars"),
        choices=[SelectChoice(str(stars), text) for stars, text in sorted(STARS.items())],
        validate_choice=False,
        validators=[AnyOf([str(stars) for stars in STARS], message=_l("Choose one to five stars."))],
    )
    text = TextAreaField(
        _l("In your words"), filters=[_plain], validators=[Length(max=LONGEST, message=TOO_LONG)]
    )
    photos = MultipleFileField(_l("Photos"))
    kept = SelectMultipleField(_l("Photos to keep"), validate_choice=False)

    def said(self) -> tuple[str | None, int | None, str]:
        """Give proof, stars and words as they were sent; no stars where none can be read."""
        stars = self.rating.data or ""
        is_number = stars.isascii() and stars.isdigit() and len(stars) == 1
        return self.redemption.data or self.visit.data, int(stars) if is_number else None, self.text.data


class AnswerForm(SaidForm):
    """Was it as advertised?"""

    redemption = HiddenField(filters=[_plain], validators=[InputRequired()])
    kept = HiddenField(validators=[AnyOf(["yes", "no"])])
    text = TextAreaField(
        _l("What was missing?"), filters=[_plain], validators=[Length(max=LONGEST_LINE, message=TOO_LONG)]
    )


class LineForm(ProofForm):
    """One line for the shop alone."""

    text = TextAreaField(
        _l("A line to the shop"),
        filters=[_plain],
        validators=[
            InputRequired(_l("Write something first.")),
            Length(max=LONGEST_LINE, message=TOO_LONG),
        ],
    )


class ReplyForm(Form):
    """The shop's public answer."""

    text = TextAreaField(
        _l("Your reply"),
        filters=[_plain],
        validators=[
            InputRequired(_l("Write something first.")),
            Length(max=LONGEST_REPLY, message=TOO_LONG),
        ],
    )
