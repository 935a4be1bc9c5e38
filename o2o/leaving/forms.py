"""The form with which a shop goes."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from o2o.kernel.forms import Form
from o2o.leaving.rules import LONGEST, SHORTEST, USUAL

BOUNDS = _("Choose between 1 and 90 days.")


class CloseForm(Form):
    """In how many days the shop closes, and that its owner knows what that means."""

    days = IntegerField(
        _("Days from now until it closes"),
        default=USUAL,
        validators=[InputRequired(BOUNDS), NumberRange(SHORTEST, LONGEST, BOUNDS)],
    )
    sure = BooleanField(
        _("I have read what will happen"),
        validators=[InputRequired(_("Please tick the box if you are sure."))],
    )
