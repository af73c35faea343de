"""The database: engine, sessions, column types, migrations; SQLite and PostgreSQL from one model."""

from freehold.db.engine import Database, open_database
from freehold.db.target import Target, parse_target
from freehold.db.types import Base, IdColumn, JsonColumn, JsonListColumn, TimeColumn

__all__ = [
    "Base",
    "Database",
    "IdColumn",
    "JsonColumn",
    "JsonListColumn",
    "Target",
    "TimeColumn",
    "open_database",
    "parse_target",
]
