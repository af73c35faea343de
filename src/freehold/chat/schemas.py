"""What the web app and API clients send and get for conversations. Times are RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool

from freehold.kit.storable import Write
from freehold.wire.request import ReasoningEffort

Title = Annotated[str, Field(min_length=1, max_length=200)]
ModelRef = Annotated[str, Field(min_length=1, max_length=500, description="provider_id/model_id")]


# --- parts ----------------------------------------------------------------------------------------------------------


class TextPart(BaseModel):
    type: Literal["text"] = "text"
    text: str


class ReasoningPart(BaseModel):
    type: Literal["reasoning"] = "reasoning"
    text: str
    seconds: float | None = None
    signature: str | None = None


class ImagePart(BaseModel):
    """An uploaded or generated image; its bytes are at GET /api/files/{file_id}."""

    type: Literal["image"] = "image"
    file_id: str
    name: str = ""
    media_type: str = ""
    width: int | None = None
    height: int | None = None


class ToolCallPart(BaseModel):
    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: str
    result: str | None = None
    is_error: bool = False


Part = Annotated[TextPart | ReasoningPart | ImagePart | ToolCallPart, Field(discriminator="type")]


class TextInput(Write):
    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=400_000)]


class ImageInput(Write):
    type: Literal["image"]
    file_id: str


PartInput = Annotated[TextInput | ImageInput, Field(discriminator="type")]
PartInputs = Annotated[list[PartInput], Field(min_length=1, max_length=32)]


# --- messages -------------------------------------------------------------------------------------------------------


class Run(BaseModel):
    """Where an answer was computed, how fast and for how much. Times in milliseconds, cost in US dollars.

    Of a continued answer, `output_tokens`, `reasoning_tokens`, `cost_usd` and `duration_ms` are sums over all calls and
    `input_tokens` is what came before the answer: `input_tokens + output_tokens` is what the context holds. The rest is
    of the last call.
    """

    model: str  # provider_id/model_id
    model_id: str
    provider_id: str
    provider_name: str
    self_hosted: bool
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_input_tokens: int | None = None
    usage_estimated: bool = False  # the provider told no counts, these are ours
    cost_usd: float | None = None  # 0 for self-hosted models, None when the price is unknown
    first_token_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None
    finish_reason: str | None = None
    attempts: list[dict[str, Any]] = []
    alias: str | None = None  # the name that was asked for, where it stands for several deployments
    skipped: list[str] = []  # deployments that were passed over, and why


class ErrorInfo(BaseModel):
    """An error as shown on a card; `code` and `params` choose the translated sentence."""

    code: str
    message: str
    next_step: str
    retryable: bool
    params: dict[str, Any] = {}


MessageStatus = Literal["complete", "streaming", "stopped", "failed", "interrupted"]


class Message(BaseModel):
    id: str
    thread_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    status: MessageStatus
    parts: list[Part]
    run: Run | None = None
    error: ErrorInfo | None = None
    generation_id: str | None = None  # set while status is streaming
    created_at: datetime
    edited_at: datetime | None = None


class MessagePatch(Write):
    """Edit in place (*save*). Images keep their place by being listed again."""

    parts: PartInputs


# --- threads --------------------------------------------------------------------------------------------------------


class Thread(BaseModel):
    id: str
    title: str  # empty until there is one
    title_source: Literal["none", "auto", "user"]
    project_id: str | None
    model: str | None
    state: Literal["active", "archived", "deleted"]
    pinned: bool
    leaf_id: str | None
    generating: bool = False  # an answer is being written
    unread: bool = False  # an answer ended since the thread was opened last
    last_activity_at: datetime
    created_at: datetime


class ThreadPage(BaseModel):
    """Newest first, pinned ones come with `pinned=true`. `next_cursor` is null on the last page."""

    items: list[Thread]
    next_cursor: str | None


class ThreadNew(Write):
    """`id` may be chosen by the client (a UUIDv7), so that the address is known before the answer."""

    id: str | None = None
    project_id: str | None = None
    model: ModelRef | None = None
    title: Title | None = None


class ThreadPatch(Write):
    """Only the named fields change. `read: true` marks everything read; `leaf_id` chooses the branch shown."""

    title: Title | None = None
    project_id: str | None = None
    model: ModelRef | None = None
    state: Literal["active", "archived"] | None = None
    pinned: StrictBool | None = None
    leaf_id: str | None = None
    read: Literal[True] | None = None


class ThreadDetail(BaseModel):
    """A thread with its whole message tree, in the order of creation, deleted messages left out."""

    thread: Thread
    messages: list[Message]


# --- turns ----------------------------------------------------------------------------------------------------------


class FirstTurn(Write):
    """Of the turn that begins a thread: the thread is made with the id in the path, a UUIDv7 that the client chose."""

    project_id: str | None = None


class SendTurn(Write):
    """A new user message under `parent_id` (null: a new root) and an answer to it.

    With `first`, a thread that is not there yet is made with the message in it: both are kept, or neither is.
    """

    kind: Literal["send"]
    parent_id: str | None
    first: FirstTurn | None = None
    parts: PartInputs
    model: ModelRef
    reasoning_effort: ReasoningEffort | None = None


class RegenerateTurn(Write):
    """A sibling of the assistant message `message_id`, perhaps by another model; or an answer to a user message."""

    kind: Literal["regenerate"]
    message_id: str
    model: ModelRef | None = None
    reasoning_effort: ReasoningEffort | None = None


class ContinueTurn(Write):
    """Go on writing a stopped, interrupted, failed or cut-off assistant message, in place."""

    kind: Literal["continue"]
    message_id: str


TurnNew = Annotated[SendTurn | RegenerateTurn | ContinueTurn, Field(discriminator="kind")]


class Generation(BaseModel):
    id: str
    thread_id: str
    message_id: str
    kind: Literal["send", "regenerate", "continue"]
    model: str
    status: Literal["running", "done", "stopped", "failed", "interrupted"]
    started_at: datetime
    finished_at: datetime | None = None


# --- the stream: server-sent events, `id:` the sequence number (the cursor), `data:` one of these ---------------------


class StartEvent(BaseModel):
    """First on every attach (no sequence number): the rows as they are now. Parts hold what precedes the log."""

    type: Literal["start"] = "start"
    generation: Generation
    thread: Thread
    user_message: Message | None = None
    message: Message  # parts as they were before this generation: [] for a new answer, the kept text for *continue*


class RunEvent(BaseModel):
    """Which model answers; comes again when a fallback changed it."""

    type: Literal["run"] = "run"
    run: Run


class StageEvent(BaseModel):
    type: Literal["stage"] = "stage"
    stage: Literal["choosing_model", "queued", "loading_model", "reading_prompt", "thinking", "writing"]
    progress: float | None = None
    position: int | None = None  # in the queue of a busy server; 1 is the next


class TextEvent(BaseModel):
    type: Literal["text"] = "text"
    delta: str


class ReasoningEvent(BaseModel):
    """More reasoning. One with `seconds` or `signature` closes the block: a later delta begins a new one."""

    type: Literal["reasoning"] = "reasoning"
    delta: str
    seconds: float | None = None
    signature: str | None = None


class ImageEvent(BaseModel):
    type: Literal["image"] = "image"
    part: ImagePart


class FinishEvent(BaseModel):
    """Last: the message as saved, the truth. `status` of the message says how it ended, `error` why it failed."""

    type: Literal["finish"] = "finish"
    message: Message
    thread: Thread


StreamEvent = Annotated[
    StartEvent | RunEvent | StageEvent | TextEvent | ReasoningEvent | ImageEvent | FinishEvent,
    Field(discriminator="type"),
]


# --- projects, drafts -----------------------------------------------------------------------------------------------


class Project(BaseModel):
    id: str
    name: str
    threads: int
    created_at: datetime


class ProjectNew(Write):
    id: str | None = None
    name: Title


class ProjectPatch(Write):
    name: Title


DraftKey = Annotated[str, Field(min_length=8, max_length=100)]


class Draft(BaseModel):
    scope: str
    text: str
    file_ids: list[str]
    key: str | None = None
    updated_at: datetime | None


class DraftPut(Write):
    """`key` is the Idempotency-Key of the turn that will send it: with that turn the draft is gone, also a late one."""

    key: DraftKey | None = None
    text: Annotated[str, Field(max_length=400_000)] = ""
    file_ids: Annotated[list[str], Field(max_length=20)] = []  # noqa: RUF012 - pydantic copies it


# --- /api/live: JSON text frames from the server -------------------------------------------------------------------


class LiveEvent(BaseModel):
    """`hello` on connect, `ping` every 20 s (answer with {"type":"pong"}), else what changed.

    thread: created or changed (with `thread`); thread_deleted; generation: started or ended (with `generation`);
    message: added or edited (with `message`); project; draft; models: the list of models changed; pull: progress of
    a model download (with `pull`); session_ended: sign in again.
    """

    type: Literal[
        "hello", "ping", "thread", "thread_deleted", "generation", "message", "message_deleted", "project", "draft",
        "models", "pull", "session_ended",
    ]  # fmt: skip
    id: str | None = None
    thread: Thread | None = None
    message: Message | None = None
    generation: Generation | None = None
    pull: dict[str, Any] | None = None
