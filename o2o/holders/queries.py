"""Getters of device keys."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.holders.models import DeviceKey, DeviceLogin


def of_login(session: Session, public_id: str) -> DeviceKey | None:
    """Return the key that the phone of a login registered last; None when it has none."""
    known = select(DeviceKey).join(DeviceLogin, DeviceLogin.device_id == DeviceKey.id)
    return session.scalars(known.where(DeviceLogin.public_id == public_id)).one_or_none()


def device(session: Session, device_id: int | None) -> DeviceKey | None:
    """Return a key by its number; None for none. Says nothing about permission."""
    return None if device_id is None else session.get(DeviceKey, device_id)
