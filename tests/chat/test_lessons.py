"""What people do with answers becomes labels of the model in the house, without a word of what was asked."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from freehold.chat import jobs, schemas
from freehold.chat.models import Thread
from freehold.deps import Services
from freehold.gateway.learning.models import RouteLabel
from freehold.gateway.learning.packing import pack_features, unpack_features
from freehold.gateway.routing.scorer.features import features_of
from freehold.identity.models import User
from freehold.kit.clock import now
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.test_house import HOME, OUT, ann, answer_cache, cloud, services

__all__ = ["ann", "answer_cache", "cloud", "services"]

ASKED = "Prove that there are endlessly many primes. 请证明。"


async def labels(services: Services) -> list[RouteLabel]:
    async with services.database.read() as session:
        return list(await session.scalars(select(RouteLabel).order_by(RouteLabel.id)))


def told(label: RouteLabel) -> tuple[Any, ...]:
    return label.source, label.model, label.rival, label.local, label.premium, label.language


async def test_a_thumb_is_a_label_until_it_is_taken_back(ann: Person, services: Services) -> None:
    thread = await ann.new_thread()
    answer = await (await ann.send(thread.id, ASKED, model=HOME)).to_end()
    rate = services.chat.rate_message
    await rate(ann.subject, answer["id"], schemas.FeedbackPut(good=True))
    await rate(ann.subject, answer["id"], schemas.FeedbackPut(good=False))
    (label,) = await labels(services)
    assert told(label) == ("thumb", HOME, None, 0.0, 1.0, "en")
    assert (label.user_id, label.thread_id, label.message_id) == (ann.subject.user_id, thread.id, answer["id"])
    seen, kept = features_of(ASKED), unpack_features(label.features)
    assert kept is not None
    assert (kept.characters, kept.words) == (seen.characters, seen.words)
    assert b"primes" not in label.features
    await rate(ann.subject, answer["id"], None)
    assert await labels(services) == []


async def test_an_answer_from_outside_has_no_label(ann: Person, services: Services) -> None:
    thread = await ann.new_thread()
    answer = await (await ann.send(thread.id, ASKED, model=OUT)).to_end()
    await services.chat.rate_message(ann.subject, answer["id"], schemas.FeedbackPut(good=True))
    again = await (await ann.regenerate(thread.id, answer["id"], HOME)).to_end()
    assert again["run"]["model"] == HOME
    assert await labels(services) == []


async def test_another_try_outside_is_a_label_of_the_first(ann: Person, services: Services) -> None:
    thread = await ann.new_thread()
    answer = await (await ann.send(thread.id, ASKED, model=HOME)).to_end()
    await (await ann.regenerate(thread.id, answer["id"], HOME)).to_end()
    assert await labels(services) == [], "the same model once more says nothing of a better one"
    second = await (await ann.regenerate(thread.id, answer["id"], OUT)).to_end()
    assert second["status"] == "complete"
    (label,) = await labels(services)
    assert told(label) == ("regenerate", HOME, OUT, 0.0, 1.0, "en")


async def test_copying_and_going_on_are_labels_that_give_way(ann: Person, services: Services) -> None:
    thread = await ann.new_thread()
    answer = await (await ann.send(thread.id, ASKED, model=HOME)).to_end()
    assert await labels(services) == []
    await (await ann.send(thread.id, "Thanks. And twins?", parent_id=answer["id"], model=OUT)).to_end()
    assert [told(one) for one in await labels(services)] == [("continue", HOME, None, 1.0, 1.0, "en")]
    for _ in range(2):
        await services.chat.note_copied(ann.subject, answer["id"])
    assert [told(one) for one in await labels(services)] == [("copy", HOME, None, 1.0, 1.0, "en")]
    await (await ann.send(thread.id, "Another way on", parent_id=answer["id"], model=OUT)).to_end()
    assert [one.source for one in await labels(services)] == ["copy"], "going on says less than copying"
    await services.chat.rate_message(ann.subject, answer["id"], schemas.FeedbackPut(good=False))
    await services.chat.note_copied(ann.subject, answer["id"])
    assert [told(one)[0] for one in await labels(services)] == ["thumb"]


async def test_going_on_after_another_try_says_nothing_of_the_first(ann: Person, services: Services) -> None:
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id, ASKED, model=HOME)).to_end()
    second = await (await ann.regenerate(thread.id, first["id"], HOME)).to_end()
    await (await ann.send(thread.id, "Good.", parent_id=second["id"], model=HOME)).to_end()
    assert await labels(services) == []
    outside = await (await ann.send(thread.id, ASKED, parent_id=second["id"], model=OUT)).to_end()
    await services.chat.note_copied(ann.subject, outside["id"])
    assert await labels(services) == []


async def test_labels_go_with_their_thread_and_their_person(
    ann: Person, services: Services, model: SpokenModel
) -> None:
    threads = [await ann.new_thread() for _ in range(2)]
    for thread in threads:
        answer = await (await ann.send(thread.id, ASKED, model=HOME)).to_end()
        await services.chat.rate_message(ann.subject, answer["id"], schemas.FeedbackPut(good=True))
    await services.chat.delete_thread(ann.subject, threads[0].id)
    async with services.database.begin() as session:
        past = now() - timedelta(days=31)
        await session.execute(update(Thread).where(Thread.id == threads[0].id).values(deleted_at=past))
    await jobs.sweep(services.database, services.files)
    assert [label.thread_id for label in await labels(services)] == [threads[1].id]
    async with services.database.begin() as session:
        await session.execute(delete(User).where(User.id == ann.subject.user_id))
    assert await labels(services) == []


def test_features_are_packed_small_and_whole() -> None:
    for text in ("", "x", ASKED, "法" * 3000, ASKED * 200):
        packed, seen = pack_features(features_of(text)), features_of(text)
        found = unpack_features(packed)
        assert found is not None
        assert (found.characters, found.words) == (seen.characters, seen.words)
        assert all(abs(one - other) < 1e-4 for one, other in zip(found.dense, seen.dense, strict=True))
        assert len(packed) < 5000
    assert unpack_features(b"\x00" + packed[1:]) is None, "of another version"
