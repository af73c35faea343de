"""The database: engine, sessions, column types, migrations; SQLite and PostgreSQL from one model."""

from freehold.db.engine import Database
from freehold.db.types import Base, IdColumn, JsonColumn, TimeColumn

__all__ = ["Base", "Database", "IdColumn", "JsonColumn", "TimeColumn"]
