"""The house, bottom to top: wiring, table of contents and import rule in one list.

A room may import the kernel and any room in an earlier row, of those only models, rules and queries. The same
order holds for foreign keys and for the order in which rows are locked. tests/house/test_floors.py enforces it.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

FLOORS: dict[str, tuple[str, ...]] = {
    "ground": (
        "places",
        "said_hours",
        "osm",
        "accounts",
        "shops",
        "acts",
        "photos",
        "pictures",
        "payouts",
        "notifications",
        "capacity",
        "ledger",
        "payments",
    ),
    "attract": (
        "offers",
        "menu_lines",
        "said_menus",
        "menus",
        "menu_changes",
        "menu_pages",
        "basemap",
        "vocabulary",
        "suggestions",
        "discovery",
        "guides",
    ),
    "convert": ("holders", "feed", "issuer", "passes", "designer", "offer_changes", "orders", "binding"),
    "consume": ("tills", "redemption", "refunds", "claims", "conflicts", "checkin"),
    "feedback": ("reviews", "reports"),
    "retain": ("guests",),
    "roof": (
        "checklist",
        "onboarding",
        "papers",
        "requirements",
        "admission",
        "conduct",
        "sanctions",
        "results",
        "branches",
        "printkit",
        "parcel",
        "leaving",
        "retention",
        "storefront",
        "console",
        "operator",
        "pages",
        "sharing",
        "demo",
    ),
}

# Rooms without tables, rules or pages: all of their modules are doors.
LIBRARIES = ("places", "said_hours", "osm", "menu_lines", "said_menus")

ROOMS: tuple[str, ...] = tuple(room for rooms in FLOORS.values() for room in rooms)

# The files of a room that do something when imported, in the order in which they are wired.
WIRED = ("models", "checks", "chores", "reactions", "views", "console", "operator", "cli")


def modules(kind: str) -> list[ModuleType]:
    """Import `kind` (such as "models") of every room that has one, bottom to top."""
    names = (f"o2o.{room}.{kind}" for room in ROOMS)
    return [import_module(name) for name in names if find_spec(name)]
