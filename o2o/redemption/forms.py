"""What the counter posts."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form
from o2o.kernel.words import N_
from o2o.redemption.rules import MOST_USES, REASON_LENGTH

GREATEST_ID = 2**31 - 1
# A scanned code has 234 digits, a live one of later steps under 500.
CODE_LENGTH = 600
UNDO_REASONS = {
    "mistake": N_("Scanned by mistake"),
    "guest": N_("The guest changed their mind"),
    "unavailable": N_("We could not serve it"),
    "other": N_("Another reason"),
}


class ShopForm(Form):
    """Which shop this counter is."""

    shop = IntegerField(validators=[InputRequired(), NumberRange(1, GREATEST_ID)])


class ScanForm(ShopForm):
    """A scanned or typed code."""

    code = StringField(
        _l("Code"), validators=[InputRequired(_l("Scan a pass or type its code.")), Length(max=CODE_LENGTH)]
    )


class RedeemForm(ScanForm):
    """A redemption: how many uses, and the press's own number."""

    quantity = IntegerField(validators=[InputRequired(), NumberRange(1, MOST_USES)])
    nonce = HiddenField(validators=[InputRequired(), Length(max=64)])


class UndoForm(Form):
    """Why a redemption is undone; a machine may say it in its own words."""

    reason = SelectField(
        _l("Why?"),
        choices=[SelectChoice(key, _l(text)) for key, text in UNDO_REASONS.items()],
        validators=[InputRequired(_l("Say why this is undone.")), Length(max=REASON_LENGTH)],
        validate_choice=False,
    )


def required(form: Form) -> None:
    """Raise BadInput 422 with the first thing wrong with a form that no page shows again."""
    if form.validate():
        return
    wrong = next(iter(form.errors))
    sentences = {
        "shop": N_("Choose your shop first."),
        "code": N_("Scan a pass or type its code."),
        "quantity": N_("Choose between 1 and 20 uses."),
        "nonce": N_("This form is damaged. Please scan the pass again."),
        "reason": N_("Say why this is undone."),
    }
    raise BadInput(f"bad_{wrong}", sentences[wrong], status=422)
