"""Tables of API keys: what a key may do, and the secrets that open it (two while a rotation overlaps)."""

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonListColumn, TimeColumn


class ApiKey(Base):
    """The settings of a key; its id stays over rotations, so that budgets and reports go on."""

    __tablename__ = "api_keys"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    user_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[JsonListColumn]
    models: Mapped[JsonListColumn]  # patterns
    networks: Mapped[JsonListColumn]  # CIDR; empty: everywhere
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    tokens_per_minute: Mapped[int | None] = mapped_column(Integer)
    concurrency: Mapped[int | None] = mapped_column(Integer)
    budget_microusd: Mapped[int | None] = mapped_column(BigInteger)
    budget_period: Mapped[str | None] = mapped_column(String(8))
    expires_at: Mapped[TimeColumn | None]
    revoked_at: Mapped[TimeColumn | None]
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class ApiKeySecret(Base):
    """One secret of a key; of the secret itself only an HMAC is kept."""

    __tablename__ = "api_key_secrets"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)  # the public part of the key's text
    key_id: Mapped[IdColumn] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), index=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    pepper_version: Mapped[int] = mapped_column(Integer)  # of the master key that the pepper was derived from
    rotated_from: Mapped[str | None] = mapped_column(String(8))  # the secret that this one replaced
    expires_at: Mapped[TimeColumn | None]  # end of the overlap, once it was replaced
    last_used_at: Mapped[TimeColumn | None]
    last_used_address: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[TimeColumn]
