"""Bad input of sanctions: what the operator forgets to say, and owners who object with nothing."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, Bad, Form

IMPOSE = "POST /operator/shops/{shop}/sanctions"
DECIDE = "POST /operator/sanctions/{sanction}/decide"
LIFT = "POST /operator/sanctions/{sanction}/lift"
APPEAL = "POST /console/{shop}/sanctions/{sanction}/appeal"
GOOD: dict[str, Form] = {
    IMPOSE: {"rule": "R1", "step": "limit", "evidence": "Turned guests away", "link": "", "days": ""},
    DECIDE: {"state": "lifted", "words": "Looked at it"},
    LIFT: {"words": "A mistake"},
    APPEAL: {"words": "It was the power cut"},
}
RULE = ("Choose the rule that was broken.", "请选择违反了哪条规则。")
STEP = ("Choose a step.", "请选择一个处理等级。")
LINK = (
    "Give an address of this site such as /operator/reports/5.",
    "请填本站地址，例如 /operator/reports/5。",
)
DAYS = (
    "Only a limit or a suspension has days of its own: from 1 to 180.",
    "只有限制和停售可以自定天数：1 到 180 天。",
)
PAGE = ("There is no such page.", "没有这一页")


def rows() -> Iterator[Bad]:
    """Yield the rows; shop A has a warning that nobody objected to."""
    for rule in ("", "R0", "r1", HOSTILE):
        yield Bad("operator", IMPOSE, {"rule": rule}, 422, *RULE)
    for step in ("", "fine", HOSTILE):
        yield Bad("operator", IMPOSE, {"step": step}, 422, *STEP)
    leads = ("This rule does not lead to that step.", "这条规则不会导致这一等级的处理。")
    yield Bad("operator", IMPOSE, {"rule": "R7"}, 422, *leads)
    shows = ("Write down what shows it: the owner reads this.", "请写明依据：店主会看到。")
    for evidence in ("", "  ", "\n\u202e"):
        yield Bad("operator", IMPOSE, {"evidence": evidence}, 422, *shows)
    yield Bad("operator", IMPOSE, {"evidence": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    for link in ("https://evil.example/", "//evil.example", "javascript:alert(1)", HOSTILE, "/" + "a" * 200):
        yield Bad("operator", IMPOSE, {"link": link}, 422, *LINK)
    for days in ("x", "1.5", "-3", "9" * 9):
        yield Bad("operator", IMPOSE, {"days": days}, 422, "Give a whole number.", "请填整数", kept=True)
    for days in ("0", "181"):
        yield Bad("operator", IMPOSE, {"days": days}, 422, *DAYS, kept=True)
    yield Bad(
        "operator", IMPOSE, {"step": "suspend"}, 409, "Take the step below first", "请先采取低一级的处理"
    )
    yield Bad(
        "operator", IMPOSE, {"step": "warn"}, 409, "This step stands already.", "这一等级的处理已经生效"
    )
    yield Bad("operator", IMPOSE, {"idempotency_key": "é"}, 400, *DAMAGED)
    for role in ("owner", "guest"):
        yield Bad(role, IMPOSE, {}, 404, *MISSING)
    yield from _deciding()
    yield from _objecting()


def _deciding() -> Iterator[Bad]:
    why = ("Say why: the owner reads this.", "请写明理由：店主会看到。")
    for address in (DECIDE, LIFT):
        for words in ("", " ", "\n\u202e"):
            yield Bad("operator", address, {"words": words}, 422, *why)
        yield Bad("operator", address, {"words": "w" * 241}, 422, LONG % 240, LANG % 240, kept=True)
        yield Bad("owner", address, {}, 404, *MISSING)
    for state in ("", "over", HOSTILE):
        yield Bad("operator", DECIDE, {"state": state}, 422, "Choose one of the two.", "请二选一。")
    yield Bad("operator", DECIDE, {}, 409, "Nobody objects to this any more.", "目前没有待处理的申诉")
    for number in ("0", "-1", "x", "２"):
        yield Bad("operator", f"GET /operator/sanctions?page={number}", {}, 400, *PAGE)
        yield Bad("owner", f"GET /console/{{shop}}/sanctions?page={number}", {}, 400, *PAGE)
    shows = ("Choose all, appealed, standing or ended.", "请选择全部、申诉中、生效中或已结束。")
    yield Bad("operator", "GET /operator/sanctions?show=mine", {}, 400, *shows)


def _objecting() -> Iterator[Bad]:
    said = ("Say why this is wrong, in your words.", "请用自己的话说明为什么不对。")
    for words in ("", "  ", "\n\u202e"):
        yield Bad("owner", APPEAL, {"words": words}, 422, *said)
    yield Bad("owner", APPEAL, {"words": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    for role in ("staff", "other_owner", "guest"):
        yield Bad(role, APPEAL, {}, 404, *MISSING)
