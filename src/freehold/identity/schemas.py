"""What the web app sends and gets about people, sessions and their preferences."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StrictBool

from freehold.kit.storable import Write

Email = Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Language = Literal["en", "zh-CN"]
Accent = Literal["pine", "lagoon", "heather", "plum", "ink"]
FontSize = Literal["small", "normal", "large", "larger"]
CodeTheme = Literal["house", "github", "mono"]
Speaker = Literal["auto", "browser", "server"]
"""Auto: the server's model where there is one, else the browser."""
CommandId = Annotated[str, Field(pattern=r"^[a-z][a-z_.]{0,39}$")]
Keys = Annotated[str, Field(pattern=r"^\S{0,40}$")]
"""What is pressed, for example mod+shift+o; empty: nothing runs the command."""


class Preferences(BaseModel):
    """Everything a person chose for the look and the handling. None: follow the browser."""

    language: Language | None = None
    theme: Literal["system", "light", "dark"] = "system"
    send_key: Literal["enter", "mod_enter"] = "enter"
    default_model: str | None = None
    favourite_models: list[str] = []
    wide: bool = False
    sidebar_open: bool = True
    accent: Accent = "pine"
    font_size: FontSize = "normal"
    density: Literal["comfortable", "compact"] = "comfortable"
    code_theme: CodeTheme = "house"
    fold_chats: bool = True  # long chats are folded into summaries by themselves
    calm: bool = False  # nothing moves, whatever the system says
    notify: bool = False
    memory: bool = False  # facts that were kept go with what one asks
    memory_proposals: bool = False  # a model in the house proposes more of them
    dictation: Speaker = "auto"  # who writes down what is said
    reading: Speaker = "auto"  # who reads aloud
    voice: str | None = None  # of whoever reads aloud
    speech_rate: float = 1.0
    shortcuts: dict[str, str] = {}  # by command of the web app; only those that were changed


class PreferencesPatch(Write):
    language: Language | None = None
    theme: Literal["system", "light", "dark"] | None = None
    send_key: Literal["enter", "mod_enter"] | None = None
    default_model: Annotated[str, Field(max_length=500)] | None = None
    favourite_models: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=200)] | None = None
    wide: StrictBool | None = None
    sidebar_open: StrictBool | None = None
    accent: Accent | None = None
    font_size: FontSize | None = None
    density: Literal["comfortable", "compact"] | None = None
    code_theme: CodeTheme | None = None
    fold_chats: StrictBool | None = None
    calm: StrictBool | None = None
    notify: StrictBool | None = None
    memory: StrictBool | None = None
    memory_proposals: StrictBool | None = None
    dictation: Speaker | None = None
    reading: Speaker | None = None
    voice: Annotated[str, Field(max_length=200)] | None = None
    speech_rate: Annotated[float, Field(ge=0.5, le=2)] | None = None
    shortcuts: Annotated[dict[CommandId, Keys], Field(max_length=100)] | None = None


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
