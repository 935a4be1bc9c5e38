"""What holders and operators write about a strike, and which page of a list is asked for."""

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired

from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form
from o2o.kernel.words import N_

MOST_PAGES = 1000
CHOOSE = N_("Choose one of the two.")


class DisputeForm(Form):
    """The holder's words."""

    said = TextAreaField(_l("What happened?"), validators=[InputRequired()])


class JudgeForm(Form):
    """The operator's decision on a strike, and why."""

    state = HiddenField()
    why = TextAreaField(_l("Why"), validators=[InputRequired()])

    def uphold(self) -> bool:
        """Tell whether the strike stays; BadInput when neither was chosen."""
        return chosen(self.state.data, yes="upheld", no="lifted")


class DecideForm(Form):
    """The operator's decision on a use."""

    decision = HiddenField()

    def pay(self) -> bool:
        """Tell whether the shop is paid; BadInput when neither was chosen."""
        return chosen(self.decision.data, yes="paid", no="unpaid")


def chosen(said: str | None, *, yes: str, no: str) -> bool:
    """Read one of two words."""
    if said not in (yes, no):
        raise BadInput("choose", CHOOSE, status=422, field="why")
    return said == yes


def page_number() -> int:
    """Read which page is asked for; BadInput when it is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page. Start again from the first one."))
    return int(text)
