"""The directory of providers on both databases: origins, keys, listings, rebuilding, downloads."""

import asyncio
import logging
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import select, text

from freehold.db import Database
from freehold.errors import (
    ConfigurationError,
    Conflict,
    InvalidRequest,
    ModelNotFound,
    NotFound,
    ProviderKeyMissing,
    ProviderKeyRejected,
    ProviderOverloaded,
    ProviderUnreachable,
)
from freehold.kit.bus import MemoryBus
from freehold.providers.base import CheckReport, ModelCard, Provider
from freehold.providers.models import ModelRow, ProviderRow
from freehold.providers.schemas import ModelAdd, ModelPatch, ProviderNew, ProviderPatch, ProviderTry
from freehold.providers.service import Providers
from freehold.wire.events import Finish, TextDelta
from freehold.wire.request import ChatRequest, Message, Text
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.providers.service_parts import (
    bus,
    database,
    declared,
    make_settings,
    providers,
    server,
    start_providers,
    upstream,
)

__all__ = ["bus", "database", "declared", "make_settings", "providers", "server", "start_providers", "upstream"]

REQUEST = ChatRequest("alpha", (Message("user", (Text("Hello"),)),))


def wish(server: FakeUpstream, **more: Any) -> ProviderNew:
    given = {"kind": "openai_compatible", "base_url": server.url, "api_key": API_KEY, "name": "My Box"}
    return ProviderNew.model_validate(given | more)


@pytest.fixture
async def empty(start_providers: Any) -> Providers:
    return await start_providers()


async def refs(providers: Providers) -> list[str]:
    return [model.ref for model in (await providers.models()).items]


# --- adding -----------------------------------------------------------------------------------------------------------


async def test_a_provider_is_tried_saved_listed_and_answers(empty: Providers, server: FakeUpstream) -> None:
    detail = await empty.administration.add(wish(server), force=False)
    assert (detail.provider.id, detail.provider.name, detail.provider.has_key) == ("my-box", "My Box", True)
    assert detail.provider.status.state == "ok"
    assert detail.provider.status.latency_ms is not None
    assert await refs(empty) == ["my-box/alpha", "my-box/beta"]
    provider, card, config = await empty.resolve("my-box/alpha")
    assert (card.id, config.origin) == ("alpha", "database")
    assert "".join([event.text async for event in provider.stream(REQUEST) if isinstance(event, TextDelta)])


async def test_it_is_there_after_a_restart(empty: Providers, server: FakeUpstream, start_providers: Any) -> None:
    await empty.administration.add(wish(server), force=False)
    again = await start_providers()
    assert await refs(again) == ["my-box/alpha", "my-box/beta"]
    assert again.status("my-box").state == "ok"
    assert again.configured("my-box").config.api_key == API_KEY


async def test_a_wrong_key_is_not_saved_unless_forced(empty: Providers, server: FakeUpstream) -> None:
    with pytest.raises(ProviderKeyRejected):
        await empty.administration.add(wish(server, api_key="wrong-key-wrong-key"), force=False)
    assert empty.configs() == []
    detail = await empty.administration.add(wish(server, api_key="wrong-key-wrong-key"), force=True)
    assert detail.provider.status.state == "failing"
    assert detail.provider.status.error is not None
    assert detail.provider.status.error["code"] == "provider_key_rejected"


async def test_an_unreachable_provider_is_not_saved(empty: Providers, server: FakeUpstream) -> None:
    with pytest.raises(ProviderUnreachable):
        await empty.administration.add(wish(server, base_url="http://127.0.0.1:9/v1"), force=False)
    assert empty.configs() == []


@pytest.mark.parametrize("metadata", ["http://169.254.169.254/v1", "http://[fd00:ec2::254]/v1", "http://0.0.0.0/v1"])
async def test_metadata_addresses_are_refused(empty: Providers, server: FakeUpstream, metadata: str) -> None:
    result = await empty.administration.try_out(ProviderTry(kind="openai_compatible", base_url=metadata))
    assert result.ok is False
    assert result.error is not None
    assert result.error["code"] == "provider_unreachable"


async def test_ids_are_slugs_and_unique(empty: Providers, server: FakeUpstream) -> None:
    first = await empty.administration.add(wish(server), force=False)
    second = await empty.administration.add(wish(server), force=False)
    assert (first.provider.id, second.provider.id) == ("my-box", "my-box-2")
    with pytest.raises(Conflict):
        await empty.administration.add(wish(server, id="my-box"), force=False)


async def test_only_the_chosen_models_are_on(empty: Providers, server: FakeUpstream) -> None:
    detail = await empty.administration.add(wish(server, enabled_models=["beta", "unlisted"]), force=False)
    assert {model.id: model.enabled for model in detail.models} == {"alpha": False, "beta": True, "unlisted": True}
    with pytest.raises(ModelNotFound):
        await empty.resolve("my-box/alpha")


async def test_a_kind_nobody_knows_is_refused(empty: Providers, server: FakeUpstream) -> None:
    with pytest.raises(InvalidRequest):
        await empty.administration.try_out(ProviderTry(kind="no-such-vendor"))
    with pytest.raises(Conflict):
        await empty.administration.add(ProviderNew(kind="embedded"), force=False)


async def test_a_missing_key_is_said_and_shown(start_providers: Any, make_settings: Any) -> None:
    providers = await start_providers(make_settings({"id": "openai", "kind": "openai"}))
    status = providers.status("openai")
    assert status.state == "needs"
    assert status.error is not None
    assert status.error["code"] == "provider_key_missing"


# --- keys -------------------------------------------------------------------------------------------------------------


async def test_the_key_is_in_no_answer_no_log_and_no_row(
    empty: Providers,
    server: FakeUpstream,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    tried = await empty.administration.try_out(ProviderTry.model_validate(wish(server).model_dump(include=TRY_FIELDS)))
    detail = await empty.administration.add(wish(server), force=False)
    await empty.administration.check("my-box")
    shown = [tried, detail, empty.info("my-box"), empty.configured("my-box")]
    assert not any(API_KEY in f"{value!r} {value}" for value in shown)
    assert API_KEY not in detail.model_dump_json()
    assert API_KEY not in caplog.text + "".join(capfd.readouterr())
    async with database.read() as session:
        (row,) = (await session.scalars(select(ProviderRow))).all()
        assert row.sealed_key is not None
        assert API_KEY.encode() not in row.sealed_key
        for table in ("providers", "provider_models"):
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            assert API_KEY not in repr(rows)


TRY_FIELDS = {"kind", "base_url", "api_key"}


async def test_a_key_sealed_for_another_provider_does_not_open(
    empty: Providers, server: FakeUpstream, database: Database, start_providers: Any
) -> None:
    await empty.administration.add(wish(server), force=False)
    await empty.administration.add(wish(server, id="other"), force=False)
    async with database.begin() as session:
        rows = {row.id: row for row in await session.scalars(select(ProviderRow))}
        rows["other"].sealed_key = rows["my-box"].sealed_key
    again = await start_providers()
    assert again.configured("my-box").config.api_key == API_KEY
    assert again.configured("other").config.api_key is None


async def test_a_saved_key_is_not_sent_to_another_server(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    elsewhere = "http://127.0.0.1:9/v1"
    with pytest.raises(ProviderKeyMissing):
        await empty.administration.change("my-box", ProviderPatch(base_url=elsewhere), force=True)
    with pytest.raises(ProviderKeyMissing):
        await empty.administration.try_out(
            ProviderTry(kind="openai_compatible", base_url=elsewhere, provider_id="my-box")
        )
    same_server = ProviderTry(kind="openai_compatible", base_url=server.url + "/", provider_id="my-box")
    assert (await empty.administration.try_out(same_server)).ok


# --- changing ---------------------------------------------------------------------------------------------------------


async def test_a_new_key_is_tried_before_it_replaces_the_old(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    with pytest.raises(ProviderKeyRejected):
        await empty.administration.change("my-box", ProviderPatch(api_key="wrong-wrong"), force=False)  # type: ignore[arg-type]
    assert empty.configured("my-box").config.api_key == API_KEY
    detail = await empty.administration.change("my-box", ProviderPatch(name="Renamed"), force=False)
    assert detail.provider.name == "Renamed"
    assert empty.configured("my-box").config.api_key == API_KEY


async def test_an_explicit_null_removes_the_key(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    detail = await empty.administration.change("my-box", ProviderPatch(api_key=None), force=True)
    assert detail.provider.has_key is False


async def test_a_disabled_provider_offers_nothing(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    await empty.administration.change("my-box", ProviderPatch(enabled=False), force=False)
    assert await refs(empty) == []
    with pytest.raises(ModelNotFound):
        await empty.resolve("my-box/alpha")


async def test_removing_forgets_everything(empty: Providers, server: FakeUpstream, database: Database) -> None:
    await empty.administration.add(wish(server), force=False)
    await empty.administration.remove("my-box")
    async with database.read() as session:
        assert (await session.scalars(select(ModelRow))).all() == []
    with pytest.raises(NotFound):
        empty.info("my-box")
    await empty.administration.add(wish(server, api_key="wrong-wrong"), force=True)
    assert empty.status("my-box").state == "failing"


async def test_what_the_file_declares_is_locked_and_says_where(providers: Providers) -> None:
    assert providers.info("acme").origin_detail == "freehold.yaml:3"
    for attempt in (
        providers.administration.change("acme", ProviderPatch(name="Mine"), force=False),
        providers.administration.remove("acme"),
    ):
        with pytest.raises(Conflict) as caught:
            await attempt
        assert "freehold.yaml:3" in caught.value.message
    patched = await providers.administration.change_model("acme", "beta", ModelPatch(enabled=False))
    assert patched.enabled is False  # which of its models are offered is the administrator's choice


async def test_models_that_the_file_names_are_locked_on(
    start_providers: Any, make_settings: Any, declared: dict[str, Any]
) -> None:
    providers = await start_providers(make_settings(declared | {"models": ["alpha", "extra-*"]}))
    await providers.refresh("acme")
    assert await refs(providers) == ["acme/alpha"]
    with pytest.raises(Conflict):
        await providers.administration.change_model("acme", "alpha", ModelPatch(enabled=False))
    assert (await providers.resolve("acme/extra-7"))[1].id == "extra-7"


# --- rebuilding without cutting ---------------------------------------------------------------------------------------


async def test_a_change_does_not_cut_a_running_stream(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    server.script = Script(text=tuple(f"{number} " for number in range(20)), pause_s=0.02)
    async with empty.lease("my-box/alpha") as old, aclosing(old.provider.stream(REQUEST)) as events:
        await anext(events)
        closed = watch_close(old.provider)
        await empty.administration.change("my-box", ProviderPatch(name="Renamed"), force=False)
        async with empty.lease("my-box/alpha") as new:
            assert new.provider is not old.provider
            assert new.config.name == "Renamed"
        await empty.administration.remove("my-box")
        rest = [event async for event in events]
        assert isinstance(rest[-1], Finish)
        assert closed == []
    assert closed == [True]


async def test_an_idle_instance_closes_at_once(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    async with empty.lease("my-box/alpha") as old:
        closed = watch_close(old.provider)
    assert closed == []
    await empty.administration.change("my-box", ProviderPatch(name="Renamed"), force=False)
    assert closed == [True]


async def test_what_stays_the_same_keeps_its_instance(empty: Providers, server: FakeUpstream) -> None:
    await empty.administration.add(wish(server), force=False)
    before = (await empty.resolve("my-box/alpha"))[0]
    await empty.administration.add(wish(server), force=False)
    assert (await empty.resolve("my-box/alpha"))[0] is before


async def test_a_check_asks_the_live_instance(empty: Providers, server: FakeUpstream) -> None:
    """A second one of the built-in model would load it into memory twice."""
    await empty.administration.add(wish(server), force=False)
    provider = (await empty.resolve("my-box/alpha"))[0]
    closed = watch_close(provider)
    checked: list[bool] = []
    check = provider.check

    async def noted() -> CheckReport:
        checked.append(True)
        return await check()

    provider.check = noted  # type: ignore[method-assign]
    assert (await empty.administration.check("my-box")).ok
    assert (checked, closed) == ([True], [])


def watch_close(provider: Provider) -> list[bool]:
    """Notes when the instance is closed; it still is."""
    closed: list[bool] = []
    close = provider.aclose

    async def noted() -> None:
        await close()
        closed.append(True)

    provider.aclose = noted  # type: ignore[method-assign]
    return closed


# --- listings ---------------------------------------------------------------------------------------------------------


async def test_listing_again_keeps_choices(providers: Providers, server: FakeUpstream) -> None:
    await providers.administration.change_model("acme", "beta", ModelPatch(enabled=False, overrides={"name": "B"}))
    server.models = ["beta", "gamma"]
    await providers.refresh("acme")
    models = {model.id: (model.enabled, model.name) for model in providers.detail("acme").models}
    assert models == {"beta": (False, "B"), "gamma": (True, "gamma")}


async def test_several_refreshes_ask_once(providers: Providers, server: FakeUpstream) -> None:
    before = len(server.requests)
    await asyncio.gather(*(providers.refresh("acme") for _ in range(5)))
    assert len(server.requests) == before + 1


async def test_a_listing_that_fails_keeps_the_models(providers: Providers, server: FakeUpstream) -> None:
    server.script = Script(error="overloaded")
    with pytest.raises(ProviderOverloaded):
        await providers.refresh("acme")
    assert providers.status("acme").state == "failing"
    assert await refs(providers) == ["acme/alpha", "acme/beta"]


async def test_a_model_added_by_hand_stays_until_it_is_removed(providers: Providers, server: FakeUpstream) -> None:
    added = await providers.administration.add_model("acme", ModelAdd(id="hidden/gem"))
    assert added.ref == "acme/hidden/gem"
    await providers.refresh("acme")
    assert (await providers.resolve("acme/hidden/gem"))[1].id == "hidden/gem"
    with pytest.raises(Conflict):
        await providers.administration.add_model("acme", ModelAdd(id="hidden/gem"))
    with pytest.raises(Conflict):
        await providers.administration.remove_model("acme", "alpha")
    await providers.administration.remove_model("acme", "hidden/gem")
    with pytest.raises(ModelNotFound):
        await providers.resolve("acme/hidden/gem")


async def test_everyone_hears_of_new_models(providers: Providers, server: FakeUpstream, bus: MemoryBus) -> None:
    with bus.subscribe("everyone") as heard:
        server.models = ["alpha", "beta", "gamma"]
        await providers.refresh("acme")
        assert await asyncio.wait_for(anext(heard), 1) == {"type": "models"}


async def test_a_provider_never_listed_answers_for_itself(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], server: FakeUpstream
) -> None:
    server.script = Script(error="overloaded")
    providers = await start_providers(make_settings(declared))
    with pytest.raises(ProviderOverloaded):
        await providers.refresh("acme")
    assert (await providers.resolve("acme/whatever"))[1] == ModelCard("whatever")


async def test_a_new_file_takes_effect_without_a_restart(
    providers: Providers, make_settings: Any, declared: dict[str, Any]
) -> None:
    await providers.reconfigure(make_settings(declared | {"name": "Renamed"}, declared | {"id": "second"}))
    assert [item.config.name for item in providers.configs()] == ["Renamed", "Acme"]
    assert "second/alpha" in await refs(providers)


async def test_a_wrong_new_file_keeps_what_was(
    providers: Providers, make_settings: Any, declared: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await providers.reconfigure(make_settings(declared | {"kind": "no-such-vendor"}))
    assert caught.value.message.startswith("freehold.yaml:3")
    assert await refs(providers) == ["acme/alpha", "acme/beta"]
    await providers.reload()
    assert await refs(providers) == ["acme/alpha", "acme/beta"]


async def test_a_provider_of_a_kind_that_is_gone_is_left_alone(
    empty: Providers, server: FakeUpstream, database: Database, start_providers: Any
) -> None:
    await empty.administration.add(wish(server), force=False)
    async with database.begin() as session:
        for row in await session.scalars(select(ProviderRow)):
            row.kind = "from-the-future"
    again = await start_providers()
    assert again.configs() == []
    async with database.read() as session:
        assert len((await session.scalars(select(ProviderRow))).all()) == 1


async def test_a_thousand_models_are_listed_and_few_are_on(empty: Providers, server: FakeUpstream) -> None:
    server.models = [f"model-{number:04}" for number in range(1_000)]
    detail = await empty.administration.add(wish(server), force=False)
    assert len(detail.models) == 1_000
    assert detail.provider.model_count == 30


async def test_two_changes_at_once_do_not_undo_each_other(providers: Providers, server: FakeUpstream) -> None:
    server.models = ["alpha", "beta", "gamma"]
    await asyncio.gather(
        providers.refresh("acme"),
        providers.administration.change_model("acme", "alpha", ModelPatch(enabled=False)),
        providers.administration.change_model("acme", "beta", ModelPatch(overrides={"name": "B"})),
        providers.reload(),
    )
    models = {model.id: (model.enabled, model.name) for model in providers.detail("acme").models}
    assert models == {"alpha": (False, "alpha"), "beta": (True, "B"), "gamma": (True, "gamma")}


async def test_extra_headers_are_sent_and_never_shown(empty: Providers, server: FakeUpstream) -> None:
    secret = "a-header-that-is-a-credential"
    detail = await empty.administration.add(
        wish(server, options={"headers": {"X-Gate": secret}, "chunk_timeout": 30}), force=False
    )
    assert detail.provider.options == {"headers": {"X-Gate": "[hidden]"}, "chunk_timeout": 30}
    assert server.requests[-1].headers["X-Gate"] == secret
    patch = ProviderPatch(options={"headers": {"X-Gate": "[hidden]", "X-New": "1"}})
    await empty.administration.change("my-box", patch, force=False)
    await empty.refresh("my-box")
    assert server.requests[-1].headers["X-Gate"] == secret
    assert server.requests[-1].headers["X-New"] == "1"
    await empty.administration.change("my-box", ProviderPatch(api_key=None), force=True)
    with pytest.raises(ProviderKeyMissing):
        await empty.administration.change("my-box", ProviderPatch(base_url="http://127.0.0.1:9/v1"), force=True)


@pytest.mark.parametrize("wrong", [{"chunk_timeout": "soon"}, {"first_token_timeout_s": 0}, {"headers": {"a": 1}}])
async def test_options_that_cannot_be_are_refused_by_name(
    empty: Providers, server: FakeUpstream, make_settings: Any, declared: dict[str, Any], wrong: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await empty.administration.add(wish(server, options=wrong), force=True)
    assert caught.value.params["field"] == f"options.{next(iter(wrong))}"
    with pytest.raises(ConfigurationError, match=r"^freehold\.yaml:3: "):
        await empty.reconfigure(make_settings(declared | {"options": wrong}))
