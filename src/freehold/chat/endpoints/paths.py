"""Types of what stands in an address."""

from typing import Annotated

from fastapi import Path

RowId = Annotated[str, Path(min_length=36, max_length=36, description="A UUID.")]
