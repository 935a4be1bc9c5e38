"""Every page there is, by who may look at it; test_pages.py compares the list with the app's own routes."""

from dataclasses import dataclass

from tests.browser.decor import MENU_IMPORT
from tests.browser.world import LONG_TITLE, World

# GET routes that are no pages, each with what they are.
NO_PAGES = {
    "service_worker": "a script",
    "plumbing.healthz": "for machines",
    "plumbing.readyz": "for machines",
    "plumbing.manifest": "for the browser",
    "redemption.till_manifest": "for the browser",
    "discovery.for_machines": "GeoJSON",
    "suggestions.suggest": "a fragment of the search box",
    "basemap.map_script": "a script",
    "basemap.tile": "a picture",
    "issuer.keys": "for tills",
    "crawlers.robots": "for machines",
    "crawlers.index": "for machines",
    "crawlers.part": "for machines",
    "photos.photo": "a picture",
    "printkit.code": "a picture",
    "sharing.town": "a picture",
    "sharing.shop": "a picture",
    "sharing.offer": "a picture",
    "sharing.guide": "a picture",
    "wallet.state": "a fragment of the pass",
    "wallet.offline": "for the worker",
    "leave.export": "a download",
    "menus_console.save_as": "a download",
    "recovery.saved_file": "a download",
}
# A paid order leads on to its passes.
UNPAID = ("held", "paying", "cancelled", "declined")
# Shown once, right after the second door was used: test_pages.py goes through that door.
ONCE = {"recovery.saved"}


@dataclass(frozen=True)
class Place:
    """A page's address, who looks at it, and the status it is to have; `name` is short enough for a test's id."""

    name: str
    role: str
    path: str
    status: int = 200


def places(world: World) -> list[Place]:
    """List every page of this world."""
    shop = f"/console/{world.shop}"
    guest = [
        Place("home-signed-in", "guest", "/"),
        Place("offer", "guest", f"/offers/{world.offer}"),
        Place("wallet", "guest", "/wallet"),
        Place("wallet-all", "guest", "/wallet?all=1"),
        *(Place(f"pass-{state}", "guest", f"/passes/{number}") for state, number in world.passes.items()),
        Place("printed", "guest", f"/passes/{world.passes['paper']}/paper"),
        *(
            Place(f"order-{state}", "guest", f"/orders/{number}")
            for state, number in world.orders.items()
            if state in UNPAID
        ),
        Place("bank", "guest", f"/sandbox/{world.bank}"),
        Place("inbox", "guest", "/inbox"),
        Place("me", "guest", "/me"),
        Place("passkeys", "guest", "/me/passkeys"),
        Place("sessions", "guest", "/me/sessions"),
        Place("recovery", "guest", "/me/recovery"),
        Place("erase", "guest", "/me/erase"),
        Place("known", "guest", "/me/data"),
        Place("consents", "guest", "/me/consents"),
        Place("till-none", "guest", "/till", 404),
        Place("console-none", "guest", "/console"),
        Place("door", "guest", f"/c/{world.doors['new']}"),
        Place("door-again", "guest", f"/c/{world.doors['again']}"),
        *(Place(f"visit-{state}", "guest", f"/visits/{number}") for state, number in world.visits.items()),
        Place("visits", "guest", "/me/visits"),
        Place("strikes", "guest", "/me/strikes"),
        Place("looks", "guest", "/me/looks"),
        Place("my-shops", "guest", "/me/shops"),
        Place("new-shop", "guest", "/shops/new"),
        *written(world),
        Place("invite", "guest", f"/invites/{world.invite}"),
    ]
    anybody = [
        Place("home", "anybody", "/"),
        Place("search", "anybody", "/?q=双人"),
        Place("nothing-found", "anybody", f"/?q={LONG_TITLE}&open=1&offer=1"),
        Place("shops", "anybody", "/shops?page=2"),
        Place("shop", "anybody", f"/shops/{world.shop}"),
        Place("listing", "anybody", f"/shops/{world.listing}"),
        Place("claim", "anybody", f"/shops/{world.listing}/claim"),
        Place("claim-taken", "anybody", f"/shops/{world.shop}/claim"),
        *(Place(f"offer-{name}", "anybody", f"/offers/{number}") for name, number in world.offers.items()),
        Place("sign-in", "anybody", f"/sign-in?next=/offers/{world.offer}"),
        Place("confirm", "guest", "/sign-in?fresh=1&next=/me/erase"),
        Place("link", "anybody", f"/sign-in/{world.link}"),
        Place("link-gone", "anybody", "/sign-in/nobody-made-this", 410),
        Place("door-new", "anybody", f"/c/{world.doors['new']}"),
        Place("door-gone", "anybody", f"/c/{world.doors['gone']}", 410),
        Place("scan", "anybody", "/scan"),
        Place("offline", "anybody", "/offline"),
        Place("display", "anybody", "/display"),
        Place("install", "anybody", "/install"),
        Place("about", "anybody", "/about"),
        Place("terms", "anybody", "/about/terms"),
        Place("privacy", "anybody", "/about/privacy"),
        Place("imprint", "anybody", "/about/imprint"),
        Place("who-bears-what", "anybody", "/about/who-bears-what"),
        Place("ranking", "anybody", "/about/ranking"),
        Place("merchant-terms", "anybody", "/about/merchant-terms"),
        Place("conduct", "anybody", "/about/conduct"),
        Place("offline-rule", "anybody", "/about/offline"),
        Place("retention", "anybody", "/about/retention"),
        Place("reviews", "anybody", f"/shops/{world.shop}/reviews"),
        Place("reviews-apart", "anybody", f"/shops/{world.shop}/reviews?show=apart"),
        Place("reviews-none", "anybody", f"/shops/{world.listing}/reviews"),
        *(Place(f"review-{name}", "anybody", f"/reviews/{number}") for name, number in world.reviews.items()),
        Place("menu", "anybody", f"/shops/{world.shop}/menu"),
        Place("guides", "anybody", "/guides"),
        Place("guide", "anybody", f"/guides/{world.guide}"),
        Place("missing", "anybody", "/nothing-here", 404),
    ]
    staff = [
        Place("till", "staff", "/till"),
        Place("till-register", "staff", f"/till/register?shop={world.shop}"),
        Place("till-pin", "staff", f"/till/pin?shop={world.shop}"),
        Place("arrivals", "staff", f"/till/arrivals?shop={world.shop}"),
        *(
            Place(f"receipt-{name}", "staff", f"/till/redemptions/{number}")
            for name, number in world.redemptions.items()
        ),
    ]
    owner = [
        Place("console", "owner", "/console"),
        Place("till-choose", "owner", "/till"),
        Place("desk", "owner", shop),
        Place("offers", "owner", f"{shop}/offers"),
        Place("new-offer", "owner", f"{shop}/offers/new"),
        Place("edit-offer", "owner", f"{shop}/offers/{world.offer}"),
        Place("offer-like", "owner", f"{shop}/offers/new?like={world.offer}"),
        Place("results", "owner", f"{shop}/offers/{world.offer}/results"),
        Place("results-rows", "owner", f"{shop}/offers/{world.offer}/results?rows=sold"),
        Place("edit-shop", "owner", f"{shop}/shop"),
        Place("reviews-desk", "owner", f"{shop}/reviews"),
        Place("posters", "owner", f"{shop}/posters"),
        Place("poster-a4", "owner", f"{shop}/posters/{world.poster}/print"),
        Place("poster-sticker", "owner", f"{shop}/posters/{world.poster}/print?size=sticker"),
        Place("pictures", "owner", f"{shop}/pictures"),
        Place("days", "owner", f"{shop}/days"),
        Place("print-kit", "owner", f"{shop}/print"),
        Place("print-tables", "owner", f"{shop}/print/tables"),
        Place("print-offer", "owner", f"{shop}/print/offers/{world.offer}"),
        Place("print-cards", "owner", f"{shop}/print/offers/{world.offer}/cards"),
        Place("print-shop", "owner", f"{shop}/print/shop"),
        Place("tills", "owner", f"{shop}/tills"),
        Place("menu-desk", "owner", f"{shop}/menu"),
        Place("menu-new-line", "owner", f"{shop}/menu/new"),
        Place("menu-line", "owner", f"{shop}/menu/lines/1"),
        Place("menu-write", "owner", f"{shop}/menu/write"),
        Place("menu-import", "owner", f"{shop}/menu/imports/{MENU_IMPORT}"),
        Place("leave-shop", "owner", f"{shop}/leave"),
        Place("conflicts", "owner", f"{shop}/conflicts"),
        *(
            Place(f"conflict-{name}", "owner", f"{shop}/conflicts/{number}")
            for name, number in world.conflicts.items()
        ),
        Place("staff", "owner", f"{shop}/staff"),
        Place("payout", "owner", f"{shop}/payout"),
        Place("more", "owner", f"{shop}/more"),
        Place("papers", "owner", f"{shop}/admission"),
        Place("branches", "owner", f"{shop}/shared"),
        Place("sanctions", "owner", f"{shop}/sanctions"),
        Place("guests", "owner", f"{shop}/guests"),
        Place("guest-card", "owner", f"{shop}/guests/{world.guest_key}"),
        Place("acts", "owner", f"{shop}/acts"),
    ]
    operator = [
        Place("operator", "operator", "/operator"),
        Place("pages", "operator", "/operator/pages"),
        Place("listings", "operator", "/operator/listings?q=小店"),
        Place("reports", "operator", "/operator/reports"),
        *(
            Place(f"report-{name}", "operator", f"/operator/reports/{number}")
            for name, number in world.reports.items()
        ),
        Place("strikes-desk", "operator", "/operator/strikes"),
        Place("held", "operator", "/operator/held"),
        Place("acts-of-all", "operator", "/operator/acts?what=a"),
        Place("claims", "operator", "/operator/claims"),
        *(
            Place(f"claim-{name}", "operator", f"/operator/claims/{number}")
            for name, number in world.claims.items()
        ),
        Place("requirements", "operator", "/operator/requirements"),
        Place("new-requirement", "operator", "/operator/requirements/new"),
        Place("requirement", "operator", f"/operator/requirements/{world.line}"),
        Place("requirement-built", "operator", "/operator/requirements/licence"),
        Place("merchant-terms-desk", "operator", "/operator/merchant-terms"),
        Place("sanctions-desk", "operator", "/operator/sanctions"),
        Place("take-a-step", "operator", f"/operator/shops/{world.shop}/sanctions"),
        *(
            Place(f"sanction-{name}", "operator", f"/operator/sanctions/{number}")
            for name, number in world.sanctions.items()
        ),
        Place("guides-desk", "operator", "/operator/guides"),
        Place("new-guide", "operator", "/operator/guides/new"),
        Place("edit-guide", "operator", f"/operator/guides/{world.guide}?q=小店"),
        Place("draft-guide", "operator", f"/guides/{world.draft}"),
        Place("listing-to-give", "operator", f"/operator/listings/{world.listing}"),
    ]
    return [*anybody, *guest, *staff, *owner, *operator]


def written(world: World) -> list[Place]:
    """List where the guest writes, and what they wrote."""
    return [
        Place("review-of-pass", "guest", f"/reviews/new?redemption={world.redemptions['used']}"),
        Place("review-of-visit", "guest", f"/reviews/new?visit={world.visits['open']}"),
        Place("review-own", "guest", f"/reviews/{world.reviews['mine']}"),
        Place("edit-review", "guest", f"/reviews/{world.reviews['mine']}/edit"),
        Place("my-reviews", "guest", "/me/reviews"),
        Place("report-a-shop", "guest", f"/reports/new?shop={world.shop}"),
        Place("report-a-review", "guest", f"/reports/new?shop={world.shop}&review={world.reviews['mine']}"),
        Place("reported-already", "guest", f"/reports/new?shop={world.listing}"),
        Place("my-reports", "guest", "/me/reports"),
    ]
