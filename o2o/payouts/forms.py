"""What an owner types about the shop's account; the rule checks it."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from o2o.kernel.forms import Form


class PayoutForm(Form):
    """Where the money shall go."""

    kind = RadioField(
        _l("What is it?"),
        default="card",
        validate_choice=False,
        choices=[
            SelectChoice("card", _l("Bank card or account with a card number")),
            SelectChoice("account", _l("Company account at a bank")),
            SelectChoice("iban", _l("IBAN")),
            SelectChoice("wallet", _l("Wallet such as Alipay or WeChat Pay")),
        ],
    )
    holder = StringField(_l("Holder"), validators=[InputRequired()])
    bank = StringField(_l("Bank or wallet"))
    number = StringField(_l("Number"), validators=[InputRequired()])
