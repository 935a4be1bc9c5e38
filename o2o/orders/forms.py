"""The form that starts a purchase."""

from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from o2o.kernel.forms import OnceForm
from o2o.kernel.words import N_
from o2o.orders.rules import MOST, QUANTITY


class OrderForm(OnceForm):
    """How many of an offer."""

    quantity = IntegerField(
        N_("Quantity"),
        default=1,
        validators=[NumberRange(1, MOST, QUANTITY)],
    )
    # The version of the terms that the page showed, where it said so.
    terms = IntegerField(validators=[Optional()])
