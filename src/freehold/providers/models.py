"""Tables of providers: those an administrator made, and what is known of the models of every provider."""

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, JsonColumn, TimeColumn


class ProviderRow(Base):
    """A provider made in the web app; those of freehold.yaml and the environment have no row here."""

    __tablename__ = "providers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # a slug, the first half of a model reference
    kind: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    base_url: Mapped[str | None] = mapped_column(String(2000))
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)  # AES-256-GCM, see kit/crypto.py
    self_hosted: Mapped[bool] = mapped_column(Boolean)
    enabled: Mapped[bool] = mapped_column(Boolean)
    options: Mapped[JsonColumn]
    position: Mapped[int] = mapped_column(Integer)
    last_check: Mapped[JsonColumn | None]
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class ModelRow(Base):
    """A model of any provider: its last listed card, and what an administrator changed of it."""

    __tablename__ = "provider_models"

    provider_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    model_id: Mapped[str] = mapped_column(String(400), primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str] = mapped_column(String(16))  # listed | manual
    card: Mapped[JsonColumn]
    overrides: Mapped[JsonColumn]
    seen_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "provider_id", "enabled"),)
