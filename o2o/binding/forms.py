"""What the pass page posts to change how a pass is shown."""

from wtforms import HiddenField, StringField

from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import KEY_LENGTH, Form
from o2o.kernel.words import N_


class PressForm(Form):
    """One press: its own number, so that it counts once however often it arrives."""

    key = HiddenField(default=new_id)

    def checked(self) -> str:
        """Return the press's number; BadInput when it is none."""
        key = (self.key.data or "").strip()
        if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise BadInput("bad_key", N_("This form is damaged. Please reload the page and try again."))
        return str(key)


class MoveForm(PressForm):
    """A press on the phone that is to show the pass: its public key, and a recovery code where one is needed."""

    x = HiddenField()
    y = HiddenField()
    recovery = StringField()

    def recovery_code(self) -> str | None:
        """Return what was typed as a recovery code, None for nothing."""
        return (self.recovery.data or "").strip() or None
