"""What the web app sends and gets about people, sessions and their preferences."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StrictBool

from freehold.kit.storable import Write

Email = Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Language = Literal["en", "zh-CN"]


class Preferences(BaseModel):
    """Everything a person chose for the look and the handling. None: follow the browser."""

    language: Language | None = None
    theme: Literal["system", "light", "dark"] = "system"
    send_key: Literal["enter", "mod_enter"] = "enter"
    default_model: str | None = None
    favourite_models: list[str] = []
    wide: bool = False
    sidebar_open: bool = True


class PreferencesPatch(Write):
    language: Language | None = None
    theme: Literal["system", "light", "dark"] | None = None
    send_key: Literal["enter", "mod_enter"] | None = None
    default_model: Annotated[str, Field(max_length=500)] | None = None
    favourite_models: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=200)] | None = None
    wide: StrictBool | None = None
    sidebar_open: StrictBool | None = None


class Me(BaseModel):
    id: str
    email: str | None
    name: str
    role: Literal["admin", "member"]
    preferences: Preferences


class MePatch(Write):
    name: Name | None = None
    preferences: PreferencesPatch | None = None


class Bootstrap(BaseModel):
    """Everything the web app needs to draw its first frame, in one request; public.

    mode `single_user`: loopback, no accounts, `me` is the local owner. `access_code`: one shared code opens the local
    owner's workspace (LobeChat's ACCESS_CODE). `setup`: no administrator yet, the one-time link
    is needed. `accounts`: sign in; `me` is null until then.
    """

    name: str
    version: str
    mode: Literal["single_user", "access_code", "setup", "accounts"]
    me: Me | None
    plain_http: bool  # the explicit LAN mode without TLS: show its banner


class SignIn(Write):
    email: Annotated[str, Field(max_length=320)]
    password: SecretStr


class Setup(Write):
    """Make the first administrator with the one-time token of the server's log."""

    token: Annotated[str, Field(max_length=200)]
    email: Email
    name: Name
    password: NewPassword


class AccountsOn(Write):
    """Turn single-user mode into accounts; the local owner becomes this administrator and keeps everything."""

    email: Email
    name: Name
    password: NewPassword


class PasswordChange(Write):
    current_password: SecretStr
    new_password: NewPassword


class SessionInfo(BaseModel):
    id: str
    current: bool
    user_agent: str
    ip_address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
