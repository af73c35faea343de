"""What the web app sends and gets for remembered facts."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from freehold.kit.storable import Write

LONGEST = 500
FactText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class FactInfo(BaseModel):
    """`project_id` null: for every chat. `proposed` by a model in the house: used only when it is `kept`."""

    id: str
    text: str
    project_id: str | None
    state: Literal["kept", "proposed"]
    thread_id: str | None
    created_at: datetime
    updated_at: datetime


class FactNew(Write):
    """`thread_id`: where it was said."""

    text: FactText
    project_id: str | None = None
    thread_id: str | None = None


class FactPatch(Write):
    """Only the named fields change. `state` can only become `kept`."""

    text: FactText | None = None
    project_id: str | None = None
    state: Literal["kept"] | None = None
