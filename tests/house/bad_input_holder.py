"""Bad input of the holder's phone: its key, binding and printing."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, MISSING, Bad, Form
from tests.passes.phone import HolderPhone

PHONE = HolderPhone(1)
X, Y = PHONE.x.hex(), PHONE.y.hex()
GOOD: dict[str, Form] = {
    "POST /passes/{pass_id}/bind": {"key": "bad-input", "x": X, "y": Y},
    "POST /passes/{pass_id}/print": {"key": "bad-input"},
}
KEY = ("This phone's key could not be read.", "没读到这部手机的密钥")
OVER = ("Only a pass that can still be used gets a new form.", "只有还能用的券")


def rows() -> Iterator[Bad]:
    """Yield the table; the guest's pass is used up."""
    device, json = "POST /me/device", (("Content-Type", "application/json"), ("Accept", "application/json"))
    for body in ("", "{", "[]", "null", '{"x": 1, "y": 2}', f'{{"x": "{X}"}}', f'{{"x": "{Y}", "y": "{X}"}}'):
        yield Bad("guest", device, body.encode(), 422, *KEY, headers=json)
    yield Bad("guest", device, {"x": X, "y": Y}, 422, *KEY)
    for address in ("POST /passes/{pass_id}/bind", "POST /passes/{pass_id}/print"):
        for key in ("", " ", "k" * 65, "ü"):
            yield Bad("guest", address, {"key": key}, 400, *DAMAGED)
        yield Bad("guest", address, {}, 409, *OVER)
        yield Bad("stranger", address, {}, 404, *MISSING)
    for wrong in ({"x": ""}, {"y": ""}, {"x": HOSTILE}, {"x": X.upper()}, {"y": X}, {"x": "1" * 64}):
        yield Bad("guest", "POST /passes/{pass_id}/bind", wrong, 422, *KEY)
