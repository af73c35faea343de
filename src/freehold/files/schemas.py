"""What the web app gets about an uploaded file."""

from datetime import datetime

from pydantic import BaseModel


class FileInfo(BaseModel):
    id: str
    name: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    created_at: datetime
