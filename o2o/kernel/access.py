"""Who may call a route: declared beside the view, enforced before it, and a route without it cannot start."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import actor, clock, refill
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.web import problem, safe_next, see_other, wants_fragment, wants_json
from o2o.kernel.words import N_

View = TypeVar("View", bound=Callable[..., Any])
Roles = Callable[[int, int], set[str]]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Which roles at a shop satisfy which policy.
MAY = {
    "desk": {"claimant", "staff", "manager", "owner"},
    "staff": {"staff", "manager", "owner"},
    "manager": {"manager", "owner"},
    "preparer": {"claimant", "manager", "owner"},
    "owner": {"owner"},
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Say who may call: kind, the view argument that names the shop, freshness in minutes, CSRF, the form's page."""

    kind: str
    shop: str | None = None
    fresh: int | None = None
    csrf: bool = True
    refill: str | None = None


class NeedsSignIn(Exception):
    """The visitor is not signed in."""


class NeedsFreshSignIn(Exception):
    """The visitor signed in too long ago for this step; `page` holds what was typed, if anything was."""

    def __init__(self, page: str | None = None) -> None:
        super().__init__()
        self.page = page


public = Policy("public")
signed_in = Policy("signed_in")
operator = Policy("operator")


def staff_of(argument: str) -> Policy:
    """Allow people who work at the shop named by this view argument, its managers and owners included."""
    return Policy("staff", argument)


def desk_of(argument: str) -> Policy:
    """Allow everybody who has a desk at the shop named by this view argument: its people, and who claims it."""
    return Policy("desk", argument)


def manager_of(argument: str) -> Policy:
    """Allow managers and owners of the shop named by this view argument."""
    return Policy("manager", argument)


def preparer_of(argument: str) -> Policy:
    """Allow whoever may prepare the shop: its managers and owners, and who claims it while that is looked at."""
    return Policy("preparer", argument)


def owner_of(argument: str) -> Policy:
    """Allow owners of the shop named by this view argument."""
    return Policy("owner", argument)


def policy(
    rule: Policy, *, fresh: int | None = None, csrf: bool = True, refill: str | None = None
) -> Callable[[View], View]:
    """Declare a view's policy; `fresh` asks for a sign-in at most so many minutes old.

    `refill` names the page (of the same view arguments) that shows again what was typed into this form when the
    sign-in was older.
    """

    def declare(view: View) -> View:
        view.policy = replace(rule, fresh=fresh, csrf=csrf, refill=refill)  # type: ignore[attr-defined]
        return view

    return declare


def policies(app: Flask) -> dict[str, Policy]:
    """Return every endpoint's policy; raise RuntimeError naming the routes that have none."""
    found = {name: getattr(view, "policy", None) for name, view in app.view_functions.items()}
    missing = sorted(name for name, rule in found.items() if rule is None)
    if missing:
        raise RuntimeError(f"routes without @policy: {', '.join(missing)}")
    return {name: rule for name, rule in found.items() if rule is not None}


def enforce() -> None:
    """Check the request against its route's policy; raise NeedsSignIn, NotAllowed or RuleBroken."""
    if request.endpoint is None:
        return
    rule: Policy = current_app.extensions["o2o.policies"][request.endpoint]
    if rule.csrf and request.method not in SAFE_METHODS:
        refuse_foreign_origin()
    if rule.kind == "public":
        return
    if not current_user.is_authenticated:
        raise NeedsSignIn
    actor.act_as(current_user.account_id, actor.current().request_id)
    _check_role(rule)
    if rule.fresh is not None and clock.now() - current_user.fresh_at > timedelta(minutes=rule.fresh):
        raise NeedsFreshSignIn(refill.keep(rule.refill) if rule.refill and not wants_json() else None)


def _check_role(rule: Policy) -> None:
    if rule.kind == "operator" and not current_user.is_operator:
        raise NotAllowed
    if rule.shop is None:
        return
    roles: Roles = current_app.extensions["o2o.roles"]
    held = roles(current_user.account_id, int((request.view_args or {})[rule.shop]))
    if not held & MAY[rule.kind]:
        raise NotAllowed


def refuse_foreign_origin() -> None:
    """Refuse an unsafe request that did not come from this site's own pages.

    Sec-Fetch-Site decides where the browser sends it; else Origin must name this host. Tokens would go stale
    in offline copies, so there are none.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("Origin")
    if site is None and origin and urlsplit(origin).netloc == request.host:
        return
    raise RuleBroken(
        "foreign_origin",
        N_("This request did not come from our own page. Please go back and press the button there."),
        status=403,
    )


def ask_sign_in(error: Exception) -> Response:
    """Send a visitor to the sign-in page and back, or tell machines 401."""
    # A form that was posted is sent again by hand: lead back to the page it stood on.
    page_of_form = safe_next(urlsplit(request.referrer or "").path)
    target = request.full_path.rstrip("?") if request.method == "GET" else page_of_form
    if isinstance(error, NeedsFreshSignIn) and error.page:
        target = error.page
    query = f"?next={quote(target, safe='/')}"
    if isinstance(error, NeedsFreshSignIn):
        query += "&fresh=1"
    if wants_json():
        return problem(401, "sign_in", _("Please sign in first."))
    if request.method not in SAFE_METHODS and not wants_fragment():
        response = see_other(f"/sign-in{query}&asked=1")
        return response
    return see_other(f"/sign-in{query}")


def init_access(app: Flask) -> None:
    """Enforce policies on every request of the finished app."""
    app.extensions["o2o.policies"] = policies(app)
    app.before_request(enforce)
    app.register_error_handler(NeedsSignIn, ask_sign_in)
    app.register_error_handler(NeedsFreshSignIn, ask_sign_in)
