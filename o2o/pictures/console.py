"""The desk's page of the shop's own pictures: sent, described, put in order, deleted; all of it without a script."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal, uploads
from o2o.kernel.access import policy, preparer_of
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.photos import rules as photo_rules
from o2o.photos.rules import Prepared
from o2o.pictures import queries, rules
from o2o.pictures.forms import PhotosForm, PictureForm
from o2o.shops import queries as shops

bp = Blueprint("pictures", __name__)


@bp.get("/console/<int:shop>/pictures")
@policy(preparer_of("shop"))
def pictures(shop: int) -> Response:
    """Show the shop's pictures in order, and the form for more."""
    return desk_page(shop, PhotosForm(formdata=None))


@bp.post("/console/<int:shop>/pictures")
@policy(preparer_of("shop"))
def add(shop: int) -> Response:
    """Keep new pictures."""
    uploads.take(most=photo_rules.MOST_PHOTOS, each=photo_rules.MOST_BYTES)
    form, account_id = PhotosForm(), current_user.account_id
    posted_key()
    db.session.rollback()
    try:
        photos = chosen()
        begin_write()
        if is_first(shop, "add", {"photos": [photo.digest for photo in photos]}):
            for photo in photos:
                given = {"shop_id": shop, "account_id": account_id, "prepared": photo}
                rules.add(db.session, **given, now=clock.now())
            db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return desk_page(shop, form, status=refusal.status)
    return done(shop, _("Your photos are there."))


@bp.post("/console/<int:shop>/pictures/<int:picture>")
@policy(preparer_of("shop"))
def describe(shop: int, picture: int) -> Response:
    """Say what a picture shows."""
    form = PictureForm()
    if not form.validate():
        return desk_page(shop, PhotosForm(formdata=None), wrong=(picture, form), status=422)
    begin_write()
    if is_first(shop, "describe", {"picture": picture, "caption": form.caption.data}):
        rules.describe(db.session, shop_id=shop, picture_id=picture, caption=form.caption.data)
        db.session.commit()
    return done(shop, _("Saved. Guests see it now."), picture)


@bp.post("/console/<int:shop>/pictures/<int:picture>/move")
@policy(preparer_of("shop"))
def move(shop: int, picture: int) -> Response:
    """Move a picture up or down, or make it the cover."""
    way = PictureForm().wanted()
    begin_write()
    if is_first(shop, "move", {"picture": picture, "way": way}):
        rules.move(db.session, shop_id=shop, picture_id=picture, way=way)
        db.session.commit()
    return done(shop, _("The order is saved."), picture)


@bp.post("/console/<int:shop>/pictures/<int:picture>/drop")
@policy(preparer_of("shop"))
def drop(shop: int, picture: int) -> Response:
    """Delete a picture."""
    begin_write()
    if is_first(shop, "drop", {"picture": picture}):
        rules.drop(db.session, shop_id=shop, picture_id=picture)
        db.session.commit()
    return done(shop, _("The photo is deleted."))


def chosen() -> list[Prepared]:
    """Redraw what was sent, with no transaction open; refused where nothing was."""
    photos = photo_rules.prepare_all(uploads.sent("photos"))
    if not photos:
        raise RuleBroken("no_photo", N_("Choose at least one photo."), status=422, field="photos")
    return photos


def is_first(shop: int, verb: str, said: dict[str, object]) -> bool:
    """Tell whether this press came for the first time, and remember it; each button of a form presses for itself."""
    owner = f"account:{current_user.account_id}:{verb}"
    key, content = posted_key(), {"shop": shop, **said}
    if once(db.session, owner, key, content) is not None:
        return False
    remember(db.session, owner, key, content, f"/console/{shop}/pictures")
    return True


def done(shop: int, words: str, picture: int | None = None) -> Response:
    """Deliver what happened and lead back to the page, to the picture where there still is one."""
    journal.deliver(db.session)
    toast(words)
    return see_other(f"/console/{shop}/pictures" + (f"#picture-{picture}" if picture else ""))


def desk_page(
    shop_id: int, form: PhotosForm, *, wrong: tuple[int, PictureForm] | None = None, status: int = 200
) -> Response:
    """Show the page; `wrong` is the form of the one picture whose words were refused."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    shown = queries.of_shop(db.session, shop_id)
    return page(
        "pictures/desk.html",
        desk=desk,
        form=form,
        shown=shown,
        wrong=wrong,
        most=rules.MOST,
        longest=rules.LONGEST,
        at_once=min(photo_rules.MOST_PHOTOS, max(2, rules.MOST - len(shown))),
        status=status,
    )
