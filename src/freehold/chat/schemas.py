"""What the web app and API clients send and get for conversations. Times are RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, StrictBool, model_validator

from freehold.chat.compaction.schemas import Fold, Folded, Folding
from freehold.chat.parts import (  # noqa: F401 - readers of this module have them from here
    FileInput,
    FilePart,
    ImageInput,
    ImagePart,
    Part,
    PartInput,
    PartInputs,
    ReasoningPart,
    TextInput,
    TextPart,
    ToolCallPart,
)
from freehold.chat.translation.schemas import Translation
from freehold.files.schemas import FileInfo
from freehold.gateway.privacy.passed import Passed
from freehold.gateway.routing.shown import PassedOver, Route
from freehold.kit.storable import Write
from freehold.providers.drawing import Quality, Shape
from freehold.wire.request import ReasoningEffort

Title = Annotated[str, Field(min_length=1, max_length=200)]
ModelRef = Annotated[str, Field(min_length=1, max_length=500, description="provider_id/model_id")]


# --- messages -------------------------------------------------------------------------------------------------------


def _without_words(skipped: Any) -> Any:
    """Before routing had codes it kept sentences; nobody can read those in another language."""
    return [one for one in skipped if not isinstance(one, str)] if isinstance(skipped, list) else skipped


class Cached(BaseModel):
    """What the cache has to do with an answer.

    `faq`: an administrator wrote it, `key` is the entry's id and `made_at` when it was last edited. `exact`: it was
    given to the same question before, at `made_at`; `similar`: to that question in other words. `kept`: it is given
    again. `key` names it in the cache.
    """

    kind: Literal["faq", "exact", "similar", "kept"]
    key: str
    made_at: datetime


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
    skipped: Annotated[list[PassedOver], BeforeValidator(_without_words)] = []
    route: Route | None = None  # how the model was chosen, where there was a choice
    memory: int = 0  # how many remembered facts the model was sent
    passed: Passed | None = None  # what was done at the border of the house
    folded: Folded | None = None  # where a summary was sent for earlier messages, or some were left out
    cached: Cached | None = None


class ErrorInfo(BaseModel):
    """An error as shown on a card; `code` and `params` choose the translated sentence."""

    code: str
    message: str
    next_step: str
    retryable: bool
    params: dict[str, Any] = {}
    at: datetime | None = None  # when it happened, for what is counted from then


GOOD_REASONS = {"correct", "clear", "thorough", "well_said"}
BAD_REASONS = {"wrong", "incomplete", "ignored_instructions", "badly_said", "wrong_language", "refused"}
Reason = Literal[
    "correct", "clear", "thorough", "well_said",
    "wrong", "incomplete", "ignored_instructions", "badly_said", "wrong_language", "refused",
]  # fmt: skip


class FeedbackPut(Write):
    """`good` or not, and why, in words that are the same for all and in one's own."""

    good: StrictBool
    reasons: Annotated[list[Reason], Field(max_length=10)] = []  # noqa: RUF012 - pydantic copies it
    comment: Annotated[str, Field(max_length=2_000)] = ""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if not set(self.reasons) <= (GOOD_REASONS if self.good else BAD_REASONS):
            raise ValueError("a reason does not fit: some are for good answers, others for bad ones")
        return self


class Feedback(BaseModel):
    """What its owner thinks of an answer, with the model and the generation that it is about."""

    good: bool
    reasons: list[Reason]
    comment: str
    model: str | None  # provider_id/model_id
    alias: str | None
    generation_id: str | None
    at: datetime


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
    feedback: Feedback | None = None
    translation: Translation | None = None
    pinned: bool = False  # never folded
    generation_id: str | None = None  # set while status is streaming
    created_at: datetime
    edited_at: datetime | None = None


class MessagePatch(Write):
    """Edit in place (*save*). Images and files keep their place by being listed again."""

    parts: PartInputs


# --- what a thread sets of its model ------------------------------------------------------------------------------


class Picture(Write):
    """How pictures are to be; what the model does not take is left out."""

    shape: Shape | None = None
    quality: Quality | None = None
    count: Annotated[int, Field(ge=1, le=4)] | None = None


class Parameters(Write):
    """What a thread sets of the model that answers in it; what is left out is as the model has it.

    `system` comes before all messages. A model that does not take one of the others answers without it.
    """

    system: Annotated[str, Field(max_length=20_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    reasoning_effort: ReasoningEffort | None = None
    picture: Picture | None = None


# --- threads --------------------------------------------------------------------------------------------------------


class Thread(BaseModel):
    id: str
    title: str  # the question's first words until there is a better one; empty without any
    title_source: Literal["none", "auto", "user"]
    project_id: str | None
    model: str | None
    state: Literal["active", "archived", "temp", "deleted"]
    expires_at: datetime | None = None  # when a temporary one is deleted, unless it goes on before
    pinned: bool
    in_house: bool = False  # kept in the house: nothing of it goes to a provider outside
    folding: Folding = "auto"  # never: only when it is asked for
    parameters: Parameters = Parameters()
    leaf_id: str | None
    # at each fork, by the id above it or `root`, the branch that was looked at last; `all` where answers are compared
    choices: dict[str, str] = {}
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
    temporary: StrictBool | None = None


class ThreadPatch(Write):
    """Only the named fields change. `read: true` marks everything read; `leaf_id` chooses the branch shown.

    A temporary thread is kept by giving it the state `active`.
    """

    title: Title | None = None
    project_id: str | None = None
    model: ModelRef | None = None
    state: Literal["active", "archived"] | None = None
    pinned: StrictBool | None = None
    in_house: StrictBool | None = None
    folding: Folding | None = None
    parameters: Parameters | None = None  # all of them; null: each as the model has it
    leaf_id: str | None = None
    read: Literal[True] | None = None


class ForkNew(Write):
    """A new thread from a part of this one: `path` from the beginning to the message, `branches` everything, `onward`
    the message, with the question before an answer, and all that follows it. Answers being written are left out.
    """

    id: str | None = None
    message_id: str
    which: Literal["path", "branches", "onward"] = "path"


class ThreadDetail(BaseModel):
    """A thread with its whole message tree, in the order of creation, deleted messages left out, and the folds of all
    branches, the oldest first: of those on a branch the one that reaches farthest holds.
    """

    thread: Thread
    messages: list[Message]
    folds: list[Fold] = []


# --- turns ----------------------------------------------------------------------------------------------------------


Consent = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50)]
"""Classes of data that the person lets out of the house, in this thread, from now on."""


class FirstTurn(Write):
    """Of the turn that begins a thread: the thread is made with the id in the path, a UUIDv7 that the client chose.

    A `temporary` one is in no list and in no search, is not remembered, and is deleted some time after its last turn.
    """

    project_id: str | None = None
    in_house: StrictBool | None = None
    temporary: StrictBool | None = None
    parameters: Parameters | None = None


class SendTurn(Write):
    """A new user message under `parent_id` (null: a new root) and an answer to it.

    With `first`, a thread that is not there yet is made with the message in it: both are kept, or neither is.
    With `compare`, these models answer too, at the same time, and the answers stand side by side until one is chosen
    by the thread's `leaf_id` or by going on below it. The stream is of the answer by `model`, whose `start` names the
    others. With `onward`, `model` answers this message alone and the thread goes on with that one.
    """

    kind: Literal["send"]
    parent_id: str | None
    first: FirstTurn | None = None
    parts: PartInputs
    model: ModelRef
    compare: Annotated[list[ModelRef], Field(max_length=3)] = []  # noqa: RUF012 - pydantic copies it
    onward: ModelRef | None = None
    reasoning_effort: ReasoningEffort | None = None
    consent: Consent | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({self.model, *self.compare}) <= len(self.compare):
            raise ValueError("compare names a model twice")
        return self


class RegenerateTurn(Write):
    """A sibling of the assistant message `message_id`, perhaps by another model; or an answer to a user message.

    With `replace`, that assistant message is deleted with what hangs below it, as DELETE does.
    """

    kind: Literal["regenerate"]
    message_id: str
    replace: StrictBool | None = None
    model: ModelRef | None = None
    reasoning_effort: ReasoningEffort | None = None
    consent: Consent | None = None


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
    rivals: list[Message] = []  # the answers that other models give to the same message in the same turn


class RunEvent(BaseModel):
    """Which model answers; comes again when a fallback changed it."""

    type: Literal["run"] = "run"
    run: Run


class StageEvent(BaseModel):
    type: Literal["stage"] = "stage"
    stage: Literal[
        "choosing_model", "folding", "queued", "loading_model", "reading_prompt", "thinking", "drawing", "writing"
    ]
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
    files: list[FileInfo] = []  # of those ids what is still there
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

    thread: created or changed (with `thread`); threads: many changed, load the lists anew; thread_deleted;
    generation: started or ended (with `generation`); message: added or edited (with `message`); fold: the folds of the
    thread with that id changed; project; draft; models: the list of models changed; pull: progress of a model download
    (with `pull`); import, export: how far one is changed; memory: what is remembered or proposed; session_ended: sign
    in again.
    """

    type: Literal[
        "hello", "ping", "thread", "threads", "thread_deleted", "generation", "message", "message_deleted", "fold",
        "project", "draft", "models", "pull", "import", "export", "memory", "session_ended",
    ]  # fmt: skip
    id: str | None = None
    thread: Thread | None = None
    message: Message | None = None
    generation: Generation | None = None
    pull: dict[str, Any] | None = None
