"""Bad input where shops are grouped, offers shared, and roles changed."""

from collections.abc import Iterator

from tests.house.bad_input import HOSTILE, MISSING, PRESSED, Bad, Form

SHARE = "POST /console/{shop}/shared"
JOIN = "POST /console/{shop}/shared/join"
CHANGE = "POST /console/{shop}/staff/{role}/change"
CALL = "POST /console/{shop}/staff/{role}/name"
GOOD: dict[str, Form] = {
    SHARE: {"offer": "{offer}", "branches": ["{annex}"]},
    JOIN: {"other": "{annex}"},
    CHANGE: {"kind": "staff"},
    CALL: {"name": "Xiao Wang"},
}
NO_INPUT = {
    "POST /console/{shop}/shared/leave": PRESSED,
    "POST /console/{shop}/shared/{shared_id}/carry": PRESSED,
    "POST /console/{shop}/shared/{shared_id}/{what}": PRESSED,
    "POST /console/{shop}/shared/{shared_id}/local": PRESSED,
    "POST /console/{shop}/quit": PRESSED,
}
NOTHING = ("", "x", "0", "-1", "9" * 30, HOSTILE)


def rows() -> Iterator[Bad]:
    """Yield the table."""
    for text in (*NOTHING, "987654"):
        yield Bad("owner", JOIN, {"other": text}, 404, *MISSING)
        yield Bad("owner", SHARE, {"offer": text}, 404, *MISSING)
    for text in NOTHING:
        yield Bad("owner", SHARE, {"branches": text}, 422, "Choose at least one branch.", "至少选一家分店。")
    yield Bad("owner", SHARE, {"branches": ["{annex}", "987654"]}, 404, *MISSING)
    same = ("Choose another shop than this one.", "请选另一家店")
    yield Bad("owner", JOIN, {"other": "{shop}"}, 422, *same)
    for text in ("", "claimant", "king", HOSTILE):
        listed = ("Choose one of the listed roles.", "请从列出的角色里选一个。")
        yield Bad("owner", CHANGE, {"kind": text}, 422, *listed)
    for text in ("", "   ", "长" * 41, HOSTILE * 2):
        yield Bad("owner", CALL, {"name": text}, 422, "something of 1 to 40 characters.", "1 到 40 个字")
