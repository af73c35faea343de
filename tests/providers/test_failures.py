"""Error replies as vendors really send them, and what each becomes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold import errors
from freehold.providers import failures
from freehold.providers.upstream import Endpoint

ENDPOINT = Endpoint("p", "Provider P", "https://models.example/v1")


def mapped(
    status: int, data: Any, *, text: str = "", api_key: str | None = "secret-key", model: str | None = "m"
) -> Any:
    return failures.from_reply(ENDPOINT, status, {}, data, text=text, api_key=api_key, model=model)


def said(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("status", "data", "expected"),
    [
        # DeepSeek: https://api-docs.deepseek.com/quick_start/error_codes
        (402, said("Insufficient Balance", type="unknown_error"), errors.ProviderQuotaExceeded),
        # Moonshot says it with 429: https://platform.moonshot.ai/docs/api/chat#error-codes
        (429, said("Your account is suspended", type="exceeded_current_quota_error"), errors.ProviderQuotaExceeded),
        (429, said("The engine is currently overloaded", type="engine_overloaded_error"), errors.ProviderOverloaded),
        # Zhipu: https://docs.bigmodel.cn/cn/faq/api-code
        (429, said("余额不足或无可用资源包,请充值。", code="1113"), errors.ProviderQuotaExceeded),
        (400, said("模型不存在，请检查模型代码。", code="1211"), errors.ModelNotFound),
        # DashScope: https://help.aliyun.com/zh/model-studio/error-code
        (400, said("Access denied, your account is in good standing.", code="Arrearage"), errors.ProviderQuotaExceeded),
        (400, said("Range of input length should be [1, 30720]", code="InvalidParameter"), errors.ContextTooLong),
        (401, said("Incorrect API key provided.", code="invalid_api_key"), errors.ProviderKeyRejected),
        # OpenAI
        (403, said("Country, region, or territory not supported", code="unsupported_country_region_territory"),
         errors.ProviderRefused),
        (403, said("Project `p` does not have access to model `gpt-5`", code="model_not_found"), errors.ModelNotFound),
        (400, said("Unsupported value: 'temperature' does not support 0.2 with this model."), errors.ProviderRefused),
        # vLLM: https://github.com/vllm-project/vllm, entrypoints/openai/protocol.py
        (404, {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404},
         errors.ModelNotFound),
        (400, {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400},
         errors.ContextTooLong),
        (400, {"object": "error", "message": "x is not a multimodal model", "code": 400}, errors.ModelCannot),
        # Ollama: https://docs.ollama.com/api/errors
        (404, {"error": "model 'x' not found"}, errors.ModelNotFound),
        (400, {"error": "registry.ollama.ai/library/x does not support tools"}, errors.ModelCannot),
        # FastAPI servers
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, errors.ProviderRefused),
        (404, {"detail": "Not Found"}, errors.ModelNotFound),
        # OpenRouter: https://openrouter.ai/docs/api-reference/errors
        (402, said("This request requires more credits", code=402), errors.ProviderQuotaExceeded),
        (408, said("Request timed out", code=408), errors.ProviderTimeout),
        (502, said("Provider returned error", code=502), errors.ProviderOverloaded),
        # Gemini's per-minute limit calls itself a quota and says when to come back
        (429, [{"error": {"code": 429, "message": "You exceeded your current quota", "status": "RESOURCE_EXHAUSTED",
                          "details": [{"@type": "RetryInfo", "retryDelay": "35s"}]}}], errors.ProviderRateLimited),
        # Anything at all
        (500, None, errors.ProviderOverloaded),
        (418, {}, errors.ProviderRefused),
        (413, None, errors.ContextTooLong),
    ],
)  # fmt: skip
def test_real_replies(status: int, data: Any, expected: type[errors.ProviderError]) -> None:
    assert type(mapped(status, data)) is expected


def test_a_404_that_is_no_json_means_the_address() -> None:
    error = mapped(404, None, text="404 page not found")
    assert type(error) is errors.ProviderProtocolError
    assert "/v1" in error.next_step
    assert type(mapped(404, {"detail": "Not Found"}, model=None)) is errors.ProviderProtocolError


def test_without_a_key_a_401_asks_for_one() -> None:
    assert type(mapped(401, said("no"), api_key=None)) is errors.ProviderKeyMissing


def test_the_key_is_never_repeated() -> None:
    error = mapped(401, said("Incorrect API key provided: secret-key. Find it at ..."))
    assert "secret-key" not in error.message
    assert "secret-key" not in str(error.params)
    assert "secret-key" not in mapped(500, None, text="boom secret-key").message


def test_the_vendors_sentence_is_short_and_on_one_line() -> None:
    error = mapped(400, said("first\nsecond\t" + "x" * 5000))
    assert "first second" in error.message
    assert len(error.message) < 400
    assert "\n" not in error.message


def test_a_web_page_is_not_quoted() -> None:
    assert "<" not in mapped(502, None, text="<html><h1>Bad Gateway</h1></html>").message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "20"}, 20.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after-ms": "750", "Retry-After": "1"}, 0.75),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert failures.retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = failures.retry_after({"Retry-After": later})
    assert seconds is not None
    assert 85 < seconds <= 90
    assert failures.retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "code", "details", "detail", "type", "base_resp", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.integers(400, 599), JSON, st.booleans())
def test_no_reply_however_odd_breaks_the_mapping(status: int, data: Any, with_model: bool) -> None:
    error = mapped(status, data, model="m" if with_model else None)
    assert isinstance(error, errors.ProviderError)
    assert error.params["provider_id"] == "p"
    assert error.params["status"] == status
    assert error.body().as_dict()["message"]
