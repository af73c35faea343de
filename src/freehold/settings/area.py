"""What every area of the settings is made of: the base class and the types of lists."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from freehold.settings.values import as_list, check_host_pattern, check_networks, check_origin

StringList = Annotated[tuple[str, ...], BeforeValidator(as_list)]
HostList = Annotated[tuple[Annotated[str, AfterValidator(check_host_pattern)], ...], BeforeValidator(as_list)]
OriginList = Annotated[tuple[Annotated[str, AfterValidator(check_origin)], ...], BeforeValidator(as_list)]
SLUG = r"^[a-z0-9][a-z0-9._-]*$"
NetworkList = Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(check_networks)]


class Area(BaseModel):
    """Base of every area: unknown names are errors, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
