"""Bad input of reports: what people report wrongly, and what the operator forgets to say."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, Bad, Form

GOOD: dict[str, Form] = {
    "POST /reports": {"shop": "{shop}", "review": "", "key": "bad-input", "reason": "wrong", "text": "Hours"},
    "POST /operator/reports/{report_id}/decide": {"state": "dismissed", "words": "Looked at it"},
}


def rows() -> Iterator[Bad]:
    """Yield the rows; an account has ten reports a day, every row is sent twice, and the guest has reported already."""
    reports = "POST /reports"
    for shop in ("x", "-1", "１", "9" * 30, HOSTILE):
        yield Bad("guest", reports, {"shop": shop}, 400, *DAMAGED)
    yield Bad("guest", reports, {"shop": ""}, 404, *MISSING)
    yield Bad("guest", reports, {"review": "x"}, 400, *DAMAGED)
    for key in ("", " ", "k" * 65, "ü"):
        yield Bad("guest", reports, {"key": key}, 400, *DAMAGED)
    choose = ("Say what is wrong: choose one.", "请选一项，说明哪里有问题。")
    for role, reason in (("other_owner", ""), ("stranger", "fake"), ("owner", HOSTILE)):
        yield Bad(role, reports, {"reason": reason, "text": "Hours are wrong"}, 422, *choose)
    yield Bad("stranger", reports, {"text": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    yield Bad("staff", reports, {"text": HOSTILE, "reason": ""}, 422, *choose)
    yield Bad("owner", reports, {"shop": "987654"}, 404, *MISSING)
    yield Bad("owner", reports, {"review": "987654"}, 404, *MISSING)
    page = ("There is no such page.", "没有这一页")
    for number in ("0", "-1", "x", "２"):
        yield Bad("operator", f"GET /operator/reports?page={number}", {}, 400, *page)
        yield Bad("guest", f"GET /me/reports?page={number}", {}, 400, *page)
    yield Bad(
        "operator", "GET /operator/reports?show=mine", {}, 400, "Choose all, open or decided.", "请选全部"
    )
    for query in ("", "?shop=", "?shop=987654", "?shop={shop}&review=987654"):
        yield Bad("guest", f"GET /reports/new{query}", {}, 404, *MISSING)
    yield Bad("guest", "GET /reports/new?shop=abc", {}, 400, *DAMAGED)
    decide = "POST /operator/reports/{report_id}/decide"
    for state in ("", "open", HOSTILE):
        yield Bad("operator", decide, {"state": state}, 422, "Choose one of the two.", "请二选一。")
    yield Bad("operator", decide, {"words": "  "}, 422, "Say why", "请写明理由")
    yield Bad("operator", decide, {"words": "w" * 301}, 422, LONG % 300, LANG % 300, kept=True)
    yield Bad(
        "operator", decide, {"words": HOSTILE, "state": ""}, 422, "Choose one of the two.", "请二选一。"
    )
