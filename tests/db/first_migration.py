"""Writes migration 0001 anew from the models: `.venv/bin/python -m tests.db.first_migration`.

Only while nobody runs a released Freehold; afterwards every change is a new file.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

import freehold
from freehold.db import Base
from freehold.db.migrate import MIGRATIONS
from freehold.db.types import Json, UtcDateTime

HEADER = '''"""The first schema: people, providers, conversations, files, settings.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    '''


def load_models() -> None:
    """Import every slice's tables, so that `Base.metadata` is complete."""
    root = Path(freehold.__file__).parent
    for path in sorted(root.rglob("models.py")):
        import_module(".".join(path.relative_to(root.parent).with_suffix("").parts))


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Spell our column types plainly, so that a migration does not change when they do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "Time"
    if kind == "type" and isinstance(item, Json):
        return "Json"
    return False


def source() -> str:
    """The text of 0001 before formatting."""
    load_models()
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
        script = produce_migrations(context, Base.metadata)
    options: dict[str, Any] = {"render_item": render_item}
    ups = render_python_code(script.upgrade_ops, migration_context=context, **options)
    downs = render_python_code(script.downgrade_ops, migration_context=context, **options)
    lines = [HEADER + ups, "\n\ndef downgrade() -> None:\n    " + downs]
    kept = [line for line in "".join(lines).splitlines() if not line.strip().startswith("#")]
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    target = MIGRATIONS / "versions" / "0001_first_schema.py"
    target.write_text(source(), encoding="utf-8")
    for command in (["format"], ["check", "--fix"]):
        subprocess.run([Path(sys.executable).with_name("ruff"), *command, "-q", target], check=True)
    print(target)
