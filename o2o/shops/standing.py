"""What a sanction makes of a shop: limited, suspended, off the map. Only the room of sanctions calls here."""

from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.shops import queries
from o2o.shops.listed import LEFT_DELISTED
from o2o.shops.models import Shop


def hold_back(session: Session, *, shop_id: int, sanction: str | None, is_delisted: bool) -> bool:
    """Say what a shop may do from now on; fact shop.changed when that is news. Tell whether it is.

    Only a claimed shop leaves the map this way, and only such a one comes back. It is no edit: the version stays.
    """
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    status = shop.status
    if status in ("claimed", "delisted"):
        status = "delisted" if is_delisted else "claimed"
    if (shop.sanction, shop.status) == (sanction, status):
        return False
    shop.sanction, shop.status = sanction, status
    shop.updated_at = clock.now()
    session.flush()
    journal.record(session, "shop.changed", shop_id=shop_id)
    return True


def let_back(session: Session, *, shop: Shop) -> bool:
    """Let the next import list a place again whose owner left while it was delisted; tell whether that is news.

    Nothing shows it before: what the map says of it by now is not known here.
    """
    if shop.status != "gone" or shop.osm_digest != LEFT_DELISTED:
        return False
    shop.osm_digest = shop.sanction = None
    shop.updated_at = clock.now()
    session.flush()
    return True
