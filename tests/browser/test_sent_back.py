"""Forms that come back with what was wrong: they fit and can be read as every other page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.browser.conftest import Phone, Town, served, sign_in
from tests.browser.test_pages import LOCALES, LOOKS, faults_in
from tests.browser.voices import LONG_WORD, WORDS
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
SEND = """([path, fields]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: path, enctype: "multipart/form-data", hidden: true });
    for (const [name, value] of Object.entries(fields)) form.append(Object.assign(
        document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
}"""


@dataclass(frozen=True)
class Sent:
    """What somebody sends, and the field (or block) that says what was wrong with it."""

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    says: str = ".field-error"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("sent-back")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


def sendings(world: World) -> dict[str, list[Sent]]:
    """List one bad sending to every form that a person fills, by who sends it."""
    shop = f"/console/{world.shop}"
    used, key = {"redemption": world.redemptions["used"]}, {"key": "sent-back"}
    mine = world.reviews["mine"]
    return {
        "anybody": [Sent("/scan", {"code": "nothing"}), Sent("/sign-in/recover", {"key": "ABCD"})],
        "guest": [
            Sent("/reviews", {**used, **key, "text": WORDS}),
            Sent(f"/reviews/{mine}/edit", {**key, "text": WORDS}),
            Sent("/answers", {**used, "kept": "no"}),
            Sent("/lines", {**used, **key}),
            Sent("/reports", {**key, "shop": str(world.shop), "text": WORDS}),
            # This one has a page of its own: what it says is its heading.
            Sent(f"/offers/{world.offer}/orders", {"quantity": "x", "idempotency_key": "no"}, "main h1"),
        ],
        "staff": [Sent("/till/scan", {"shop": str(world.shop), "code": "ABCD-EFGH-JKMN"}, ".answer-no")],
        "owner": [
            Sent(f"{shop}/offers", {"title": "", "price": "x"}),
            Sent(f"{shop}/shop", {"version": "1", "name": "", "lat": "91"}),
            Sent(f"{shop}/posters", {"label": LONG_WORD * 2}),
            Sent(f"{shop}/staff/invites", {"kind": "staff", "name": LONG_WORD * 2}),
        ],
        "operator": [
            Sent("/operator/guides", {"title_zh": ""}),
            Sent(f"/operator/reports/{world.reports['shop']}/decide", {"words": ""}),
        ],
    }  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_what_was_wrong_can_be_read(
    phone: Callable[..., Phone], town: Town, world: World, locale: str
) -> None:
    faults = []
    for role, sent in sendings(world).items():
        visitor = phone(town, locale, device_scale_factor=1, reduced_motion="reduce")
        page = visitor.page
        if role != "anybody":
            sign_in(visitor, town, role)
        for one in sent:
            LOOKS[locale][0].put_on(page)
            page.goto("/display")
            with page.expect_navigation() as gone:
                page.evaluate(SEND, [one.path, one.fields])
            status = (gone.value and gone.value.status) or 0
            if not 200 <= status < 500 or not page.locator(one.says).count():
                faults.append(f"{one.path}: status {status}, nothing says what was wrong")
            faults += [f"{one.path}: {fault}" for fault in faults_in(page, locale)]
    assert not faults, "\n".join(faults)
