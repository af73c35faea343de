"""freehold route import: what LiteLLM's configuration means here, and what is said of the rest."""

from pathlib import Path

import anyio.to_thread

from freehold.settings import load
from tests.cli.test_model import freehold

LITELLM = """
model_list:
  - {model_name: smart, litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, weight: 3, rpm: 60}}
  - {model_name: smart, litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: sk-written-out, order: 2}}
  - {model_name: local, litellm_params: {model: ollama_chat/qwen3, api_base: "http://ollama:11434"}}
  - {model_name: own, litellm_params: {model: inhouse/big, api_base: "http://vllm:8000/v1"}}
  - {model_name: odd, litellm_params: {model: nobody/knows}}
router_settings:
  routing_strategy: latency-based-routing
  num_retries: 1
  fallbacks: [{smart: [local, gone]}]
  model_group_alias: {gpt-4: smart}
  redis_host: cache
"""


async def test_what_means_the_same_is_taken_and_loads(tmp_path: Path) -> None:
    (tmp_path / "litellm.yaml").write_text(LITELLM)
    status, out, err = await freehold("route", "import", str(tmp_path / "litellm.yaml"))
    assert status == 0, err
    assert "sk-written-out" not in out + err
    file = tmp_path / "freehold.yaml"
    file.write_text(out)
    environ = {"OPENAI_API_KEY": "sk-a", "ANTHROPIC_API_KEY": "sk-b"}
    declared = (await anyio.to_thread.run_sync(lambda: load({"config": file}, environ=environ))).settings.declared
    assert [(one.id, one.kind) for one in declared.providers] == [
        ("openai", "openai"),
        ("anthropic", "anthropic"),
        ("ollama", "ollama"),
        ("openai-compatible", "openai_compatible"),
    ]
    smart = declared.models["smart"]
    assert [(one.ref, one.weight, one.priority) for one in smart.targets] == [
        ("openai/gpt-4o", 3, 0),
        ("anthropic/claude-sonnet-4-5", 1, 2),
    ]
    assert (smart.strategy, smart.retries, smart.fallback) == ("lowest_latency", 1, ("local",))
    assert declared.models["gpt-4"].targets[0].ref == "openai/gpt-4o"
    for said in (
        "odd: nobody is no provider",
        "variable ANTHROPIC_API_KEY",
        "rpm; set limits.models",
        "gone is no model",
        "redis_host: there is",
    ):
        assert said in err


async def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\n")
    status, _, err = await freehold("route", "import", str(tmp_path / "x.yaml"))
    assert status == 1
    assert "has no model_list" in err
