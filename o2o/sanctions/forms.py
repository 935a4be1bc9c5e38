"""What the operator and the owner write about a sanction, and which page of a list is asked for."""

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from o2o.conduct import rules as conduct
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form, OnceForm
from o2o.kernel.words import N_

MOST_PAGES = 1000


class ImposeForm(OnceForm):
    """A step against a shop: which rule, which step, what shows it; the rule checks all of it."""

    rule = RadioField(
        _l("Which rule was broken?"),
        validate_choice=False,
        choices=[SelectChoice(row.key, _l(row.title)) for row in conduct.RULES],
    )
    step = RadioField(
        _l("Which step?"),
        validate_choice=False,
        choices=[SelectChoice(row.key, _l(row.name)) for row in conduct.LADDER],
    )
    evidence = TextAreaField(_l("What shows it"), validators=[InputRequired()])
    link = StringField(_l("Where it can be read here"))
    days = StringField(_l("For how many days"))

    def length(self) -> int | None:
        """Read the days, None where none are given; BadInput (422, field days) for what is no number."""
        text = (self.days.data or "").strip()
        if not text:
            return None
        if not (text.isdecimal() and len(text) <= 4):
            raise BadInput("days", N_("Give a whole number."), status=422, field="days")
        return int(text)


class AppealForm(Form):
    """The owner's objection."""

    words = TextAreaField(_l("Why is this wrong?"), validators=[InputRequired()])


class DecideForm(Form):
    """The operator's decision on an appeal, or why a sanction is taken back."""

    state = HiddenField()
    words = TextAreaField(_l("Why"), validators=[InputRequired()])

    def uphold(self) -> bool:
        """Tell whether it stays; BadInput (422, field words) when neither was chosen."""
        if self.state.data not in ("upheld", "lifted"):
            raise BadInput("choose", N_("Choose one of the two."), status=422, field="words")
        return self.state.data == "upheld"


def page_number() -> int:
    """Read which page is asked for; BadInput when it is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page. Start again from the first one."))
    return int(text)
