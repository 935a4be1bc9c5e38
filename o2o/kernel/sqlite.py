"""The SQLite library in use: a recent one from a wheel, else Python's own (then without WAL, see storage)."""

try:
    from pysqlite3 import dbapi2 as sqlite3
except ImportError:  # no wheel for this processor
    import sqlite3  # type: ignore[no-redef]

__all__ = ["sqlite3"]
