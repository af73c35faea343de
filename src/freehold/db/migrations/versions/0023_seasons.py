"""The index of the search by season: a word that was common long ago is found without reading all of its postings.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = {"sqlite": "{row}.scope", "postgresql": "scope::text"}
AFTER = {
    "sqlite": "{row}.scope || printf('%03x', {row}.id >> 53)",
    "postgresql": "scope::text || lpad(to_hex(id >> 53), 3, '0')",
}


def upgrade() -> None:
    _index_by(AFTER)


def downgrade() -> None:
    _index_by(BEFORE)


def _index_by(keys: dict[str, str]) -> None:
    """Make the index anew with this before every token; a million documents take some minutes."""
    if op.get_bind().dialect.name == "sqlite":
        _fts5(keys["sqlite"])
    else:
        # other servers may search meanwhile, and write once it is made
        op.execute(
            "CREATE INDEX ix_search_docs_tokens_new ON search_docs USING gin (array_to_tsvector(string_to_array("
            f"ltrim(replace(tokens, ' ', ' ' || {keys['postgresql']})), ' '))) WITH (fastupdate = off)"
        )
        op.execute("DROP INDEX ix_search_docs_tokens")
        op.execute("ALTER INDEX ix_search_docs_tokens_new RENAME TO ix_search_docs_tokens")


def _fts5(key: str) -> None:
    def indexed(row: str) -> str:
        return f"SELECT {row}.id, replace({row}.tokens, ' ', ' ' || {key.format(row=row)})"

    add = f"INSERT INTO search_index(rowid, tokens) {indexed('new')};"
    remove = f"INSERT INTO search_index(rowid, tokens, search_index) {indexed('old')}, 'delete';"
    for name in ("added", "removed", "changed"):
        op.execute(f"DROP TRIGGER search_docs_{name}")
    op.execute("DROP TABLE search_index")
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    op.execute(f"INSERT INTO search_index(rowid, tokens) {indexed('doc')} FROM search_docs doc ORDER BY doc.id")
    op.execute(f"CREATE TRIGGER search_docs_added AFTER INSERT ON search_docs BEGIN {add} END")
    op.execute(f"CREATE TRIGGER search_docs_removed AFTER DELETE ON search_docs BEGIN {remove} END")
    op.execute(
        f"CREATE TRIGGER search_docs_changed AFTER UPDATE OF id, scope, tokens ON search_docs BEGIN {remove} {add} END"
    )
