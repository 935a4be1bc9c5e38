"""The only clock: everything that needs the time asks here."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Give the present moment as an aware UTC datetime, cut to milliseconds as it is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """Write a moment for HTML and machines; HTML takes three digits of a second and no more."""
    return moment.isoformat(timespec="milliseconds")


def millis(moment: datetime) -> int:
    """Turn an aware datetime into milliseconds since 1970-01-01 UTC; naive ones raise ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_millis(value: int) -> datetime:
    """Turn milliseconds since 1970-01-01 UTC into an aware UTC datetime."""
    return EPOCH + timedelta(milliseconds=value)
