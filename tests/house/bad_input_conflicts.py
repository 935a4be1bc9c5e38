"""Bad input of conflicts: what holders and the operator forget to say."""

from collections.abc import Iterator

from tests.house.bad_input import HOSTILE, LANG, LONG, MISSING, PRESSED, Bad, Form

GOOD: dict[str, Form] = {
    "POST /me/strikes/{strike_id}/dispute": {"said": "My sister had my phone"},
    "POST /operator/strikes/{strike}/judge": {"state": "lifted", "why": "Looked at it"},
    "POST /operator/held/{conflict_id}/decide": {"decision": "paid"},
}
NO_INPUT = {"POST /console/{shop}/conflicts/{conflict_id}/seen": PRESSED}
TWO = ("Choose one of the two.", "请二选一。")
PAGE = ("There is no such page.", "没有这一页")


def rows() -> Iterator[Bad]:
    """Yield the rows; a strike that nobody disputed can only be lifted, and no use of this town is held."""
    dispute = "POST /me/strikes/{strike_id}/dispute"
    for said in ("", "  ", "\n\u202e"):
        yield Bad(
            "guest", dispute, {"said": said}, 422, "Say what happened, in your words.", "请用自己的话说明"
        )
    yield Bad("guest", dispute, {"said": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    yield Bad("stranger", dispute, {}, 404, *MISSING)
    judge = "POST /operator/strikes/{strike}/judge"
    for state in ("", "standing", HOSTILE):
        yield Bad("operator", judge, {"state": state}, 422, *TWO, kept=False)
    yield Bad("operator", judge, {"why": " "}, 422, "Say why: the holder reads this.", "请写明理由")
    yield Bad("operator", judge, {"why": "w" * 301}, 422, LONG % 300, LANG % 300, kept=True)
    yield Bad("operator", judge, {"state": "upheld"}, 409, "it can only be lifted now", "现在只能撤销")
    decide = "POST /operator/held/{conflict_id}/decide"
    for decision in ("", "maybe", HOSTILE):
        yield Bad("operator", decide, {"decision": decision}, 422, *TWO)
    yield Bad("operator", decide, {}, 409, "There is nothing to decide here any more", "这里已经不需要裁定")
    yield Bad("guest", decide, {}, 404, *MISSING)
    for number in ("0", "-1", "x", "２"):
        for role, path in (
            ("owner", "/console/{shop}/conflicts"),
            ("operator", "/operator/strikes"),
            ("operator", "/operator/held"),
            ("guest", "/me/strikes"),
        ):
            yield Bad(role, f"GET {path}?page={number}", {}, 400, *PAGE)
    filters = ("Choose all, open or settled.", "请选全部、未结或已结。")
    yield Bad("owner", "GET /console/{shop}/conflicts?show=mine", {}, 400, *filters)
