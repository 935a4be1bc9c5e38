"""What the pages of visits print."""

from datetime import datetime, timedelta

from flask import Response
from flask_babel import gettext as _
from flask_babel import ngettext

from o2o.checkin import queries
from o2o.checkin.models import Visit
from o2o.kernel import clock
from o2o.kernel.calendar import time_words
from o2o.kernel.db import db
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.kernel.words import N_
from o2o.shops import queries as shops
from o2o.shops.models import Shop

# The page asks whether staff have confirmed only while the guest may still stand there.
WATCHED = timedelta(minutes=30)
# Reviews are written from the last 30 days.
REVIEWED = timedelta(days=30)
BUCKET_WORDS = {"here": N_("At the shop"), "near": N_("Nearby"), "far": N_("Far away")}


def clock_time(moment: datetime) -> str:
    """Write a time of the day in the town's zone."""
    return time_words(moment, shops.founded(db.session).zone)


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was, in minutes."""
    minutes = max(0, int((now - moment).total_seconds()) // 60)
    if minutes == 0:
        return str(_("Just now"))
    if minutes < 60:
        return str(ngettext("%(num)d minute ago", "%(num)d minutes ago", minutes))
    return clock_time(moment)


def bucket_words(visit: Visit) -> str:
    """Say how far the phone said it was; nothing when it did not."""
    word = BUCKET_WORDS.get(visit.bucket)
    return str(_(word)) if word else ""


def visit_page(visit: Visit) -> Response:
    """Show a visit to the guest whose it is."""
    shop, now = db.session.get_one(Shop, visit.shop_id), clock.now()
    is_staff = queries.is_staff_visit(db.session, visit)
    age = now - visit.at
    return page(
        "checkin/visit.html",
        block="state",
        cache="private",
        visit=visit,
        shop=shop,
        name=shops.shop_name(shop, html_lang()),
        alias=shops.guest_alias(visit.account_id, shop.id, html_lang()),
        time=clock_time(visit.at),
        distance=bucket_words(visit),
        is_staff=is_staff,
        is_fresh=age <= queries.ARRIVALS,
        watched=visit.confirmed_at is None and not is_staff and age <= WATCHED,
        can_review=age <= REVIEWED,
    )
