"""Image models in the chat: pictures in the answer, through the gateway with all its limits; on real HTTP."""

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from freehold.assembly import running_services
from freehold.chat import schemas
from freehold.deps import Services
from freehold.providers.drawing import drawing_of
from freehold.settings import Settings
from freehold.usage.models import UsageRow
from freehold.usage.schemas import BudgetNew
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.fakes.openai_media import MediaDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.files.conftest import picture

DRAWS, SPEAKS = "cloud/gpt-image-1", "house/small"
CLASSES = [{"id": "plans", "words": ["绝密"], "action": "in_house"}]
PRICES = {"input": 5, "output": 40}


@pytest.fixture
async def cloud() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(MediaDialect()) as cloud:
        yield cloud


@pytest.fixture
async def services(make_settings: Callable[..., Settings], cloud: FakeUpstream) -> AsyncIterator[Services]:
    plain = make_settings()
    providers = [*plain.declared.model_dump()["providers"]]
    for declared in providers:
        declared["models"] = declared.pop("declared_models", declared.get("models"))
    outside = {"id": "cloud", "kind": "openai", "name": "Cloud", "base_url": cloud.url, "api_key": API_KEY}
    models = [{"id": name, "prices": PRICES} for name in ("gpt-image-1", "dall-e-3", "flux-url")]
    providers.append(outside | {"self_hosted": False, "models": models})
    declared = {"providers": providers, "privacy": {"classes": CLASSES}}
    settings = plain.model_copy(update={"declared": type(plain.declared).model_validate(declared)})
    async with running_services(settings) as services:
        services.gateway.router.chance = lambda: 0.0
        yield services


@pytest.fixture
async def ann(services: Services) -> Person:
    return Person(services, await new_user(services, "ann"))


async def draw(
    person: Person,
    words: str = "A red fox in the snow",
    *,
    model: str = DRAWS,
    shown: tuple[bytes, ...] = (),
    **chosen: Any,
) -> dict[str, Any]:
    """The answer in a thread of its own, whose parameters are `chosen`."""
    stored = [await person.services.files.store(person.subject.user_id, "given.png", one) for one in shown]
    parts: Any = [{"type": "image", "file_id": file.id} for file in stored]
    if words:
        parts.append({"type": "text", "text": words})
    thread = await person.new_thread()
    parameters = schemas.Parameters(picture=schemas.Picture(**chosen)) if chosen else schemas.Parameters()
    await person.services.chat.change_thread(person.subject, thread.id, schemas.ThreadPatch(parameters=parameters))
    turn = schemas.SendTurn(kind="send", parent_id=None, parts=parts, model=model)
    return await (await person.turn(thread.id, turn)).to_end()


def drawn(cloud: FakeUpstream) -> list[Any]:
    """What was asked for; models are listed, too."""
    return [one.body for one in cloud.requests if one.path.startswith("/v1/images/")]


async def test_a_picture_is_drawn_kept_and_counted(ann: Person, services: Services, cloud: FakeUpstream) -> None:
    answer = await draw(ann)
    (part,) = answer["parts"]
    assert (answer["status"], part["type"], part["name"]) == ("complete", "image", "A red fox in the snow.png")
    stored = await services.files.open(ann.subject.user_id, part["file_id"])
    assert stored.media_type == "image/png"
    assert drawn(cloud)[-1] == {"model": "gpt-image-1", "prompt": "A red fox in the snow"}
    run = answer["run"]
    assert (run["model"], run["input_tokens"], run["output_tokens"]) == (DRAWS, 9, 272)
    assert run["cost_usd"] == pytest.approx((9 * 5 + 272 * 40) / 1_000_000)
    await services.usage.ledger.flush()
    async with services.database.read() as session:
        (row,) = (await session.scalars(select(UsageRow).where(UsageRow.source == "chat"))).all()
    assert (row.user_id, row.model, row.output_tokens) == (ann.subject.user_id, DRAWS, 272)


@pytest.mark.parametrize(
    ("asked", "chosen", "told"),
    [
        (
            DRAWS,
            {"shape": "portrait", "quality": "high", "count": 3},
            {"size": "1024x1536", "quality": "high", "n": 3},
        ),
        (
            "cloud/dall-e-3",
            {"shape": "landscape", "quality": "high", "count": 3},
            {"size": "1792x1024", "quality": "hd", "response_format": "b64_json"},
        ),
        ("cloud/flux-url", {"shape": "square", "quality": "low"}, {"response_format": "b64_json"}),
    ],
)
async def test_a_model_is_told_what_it_takes(
    ann: Person, cloud: FakeUpstream, asked: str, chosen: dict[str, Any], told: dict[str, Any]
) -> None:
    answer = await draw(ann, model=asked, **chosen)
    assert drawn(cloud)[-1] == {
        "model": asked.partition("/")[2],
        "prompt": "A red fox in the snow",
        **told,
    }
    assert len(answer["parts"]) == told.get("n", 1)


async def test_a_given_picture_is_changed(ann: Person, cloud: FakeUpstream) -> None:
    answer = await draw(ann, "Make it blue", shown=(picture("PNG"), picture("JPEG")), count=2)
    asked = cloud.requests[-1]
    assert asked.path == "/v1/images/edits"
    assert asked.body["fields"] == {"model": "gpt-image-1", "prompt": "Make it blue", "n": "2"}
    assert [(file["name"], file["type"]) for file in asked.body["files"]] == [
        ("image[]", "image/png"),
        ("image[]", "image/jpeg"),
    ]
    assert [part["type"] for part in answer["parts"]] == ["image", "image"]


async def test_what_a_model_cannot_do_is_said_before_anybody_is_asked(ann: Person, cloud: FakeUpstream) -> None:
    refused = await draw(ann, model="cloud/dall-e-3", shown=(picture("PNG"),))
    assert (refused["status"], refused["error"]["code"]) == ("failed", "model_cannot")
    wordless = await draw(ann, "", shown=(picture("PNG"),))
    assert (wordless["status"], wordless["error"]["code"]) == ("failed", "invalid_request")
    assert drawn(cloud) == []


async def test_a_locked_thread_asks_no_image_model_outside(ann: Person, cloud: FakeUpstream) -> None:
    thread = await ann.new_thread()
    await ann.services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(in_house=True))
    refused = await (await ann.send(thread.id, model=DRAWS)).to_end()
    assert (refused["status"], refused["error"]["code"]) == ("failed", "kept_in_house")
    assert drawn(cloud) == []


async def test_words_that_stay_in_the_house_are_not_drawn_outside(ann: Person, cloud: FakeUpstream) -> None:
    refused = await draw(ann, "一张绝密地图")
    assert (refused["status"], refused["error"]["code"]) == ("failed", "data_stays_in_house")
    assert drawn(cloud) == []


async def test_a_budget_holds(ann: Person, services: Services, cloud: FakeUpstream) -> None:
    budget = BudgetNew(holder_kind="user", holder_id=ann.subject.user_id, period="day", usd=Decimal("0.1"))
    await services.usage.administration.add(budget)
    refused = await draw(ann, count=2)
    assert (refused["status"], refused["error"]["code"]) == ("failed", "budget_exceeded")
    assert drawn(cloud) == []


async def test_drawing_is_stopped(ann: Person, services: Services, cloud: FakeUpstream) -> None:
    cloud.script = Script(pause_s=30)
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, model=DRAWS)
    while not any(event.get("stage") == "drawing" for event in follower.events):
        assert await follower.read()
    stopped = await services.generations.halt(ann.subject.user_id, follower.generation_id)
    assert (stopped.status, stopped.parts) == ("stopped", [])
    cloud.script = Script()
    again = await (await ann.turn(thread.id, schemas.RegenerateTurn(kind="regenerate", message_id=stopped.id))).to_end()
    assert [part["type"] for part in again["parts"]] == ["image"]
    assert again["id"] != stopped.id


async def test_what_fails_is_said(ann: Person, cloud: FakeUpstream) -> None:
    cloud.script = Script(fault="garbage")
    broken = await draw(ann)
    assert (broken["status"], broken["error"]["code"]) == ("failed", "provider_protocol_error")
    cloud.script = Script(error="key")
    refused = await draw(ann)
    assert (refused["status"], refused["parts"]) == ("failed", [])


async def test_a_chat_model_goes_on_after_a_picture(ann: Person, model: Any) -> None:
    model.script = ["A fox."]
    answer = await draw(ann)
    parts: Any = [{"type": "text", "text": "What did I ask for?"}]
    turn = schemas.SendTurn(kind="send", parent_id=answer["id"], parts=parts, model=SPEAKS)
    said = await (await ann.turn(answer["thread_id"], turn)).to_end()
    assert said["status"] == "complete"
    assert [message["content"] for message in model.asked[-1]["messages"]] == [
        "A red fox in the snow",
        "[image: A red fox in the snow.png]",
        "What did I ask for?",
    ]


def test_names_tell_what_a_model_takes() -> None:
    assert drawing_of("openai/GPT-Image-1-mini").edits
    assert drawing_of("chatgpt-image-latest").most == 4
    assert drawing_of("black-forest-labs/flux.1-kontext-pro").edits
    assert drawing_of("sdxl").sizes == {}


async def test_the_picker_knows(services: Services, ann: Person) -> None:
    found = {model.ref: model for model in (await services.gateway.models_for(ann.subject)).items}
    drawing = found[DRAWS].drawing
    assert drawing is not None
    assert (drawing.shapes, drawing.most, drawing.edits) == (["square", "landscape", "portrait"], 4, True)
    assert found[SPEAKS].drawing is None
