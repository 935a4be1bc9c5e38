"""What people type about their account."""

import re

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from o2o.accounts.keys import new_nonce
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import Form, OnceForm
from o2o.kernel.words import N_


class RecoverForm(OnceForm):
    """A recovery key or code."""

    key = StringField(
        _("Recovery key or code"),
        validators=[
            InputRequired(_("Type your key or one of your codes.")),
            Length(max=100, message=_("That is too long for a key or a code.")),
        ],
    )


class NonceForm(Form):
    """A form whose random part decides which key it makes."""

    nonce = HiddenField(default=new_nonce)

    def checked(self) -> str:
        """Return the random part; BadInput when it is not one that we made."""
        if not re.fullmatch(r"[0-9a-f]{32}", self.nonce.data or ""):
            raise BadInput("bad_key", N_("This form is damaged. Please reload the page and try again."))
        return str(self.nonce.data)


class SavedForm(Form):
    """The person has put the key away."""

    saved = BooleanField(
        _("I have saved it"),
        id="is-saved",
        validators=[InputRequired(_("Please save it first, then tick the box."))],
    )


class LabelForm(Form):
    """A passkey's name."""

    label = StringField(
        _("Name"),
        validators=[
            DataRequired(_("Please give it a name.")),
            Length(max=60, message=_("At most 60 characters, please.")),
        ],
        filters=[lambda v: v and v.strip()],
    )


class EraseForm(Form):
    """The person knows what erasing means."""

    sure = BooleanField(
        _("I understand that this cannot be undone"),
        validators=[InputRequired(_("Please tick the box if you are sure."))],
    )
