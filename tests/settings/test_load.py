"""Settings come from four places in a fixed order, and every mistake is named with the place to mend it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from freehold.errors import ConfigurationError
from freehold.settings import Loaded, load
from freehold.settings.environment import variables


def refusal(config: Path | None = None, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load({"config": config}, environ=environ or {})
    return caught.value.message.splitlines()


def from_file(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Loaded:
    file = tmp_path / "freehold.yaml"
    file.write_text(text)
    return load({"config": file}, environ=environ or {})


def test_the_defaults_listen_on_loopback_and_hold_no_secret() -> None:
    settings = load(environ={}).settings
    assert (settings.server.host, settings.server.port, settings.data_dir) == ("127.0.0.1", 3210, Path("data"))
    assert settings.security.master_key is None
    assert settings.auth.access_code is None
    assert not settings.documentation.public


def test_file_then_environment_then_command_line(tmp_path: Path) -> None:
    text = "server: {port: 1, host: 0.0.0.0}\nlog:\n  level: debug\n"
    assert from_file(tmp_path, text).settings.server.port == 1
    loaded = load({"config": tmp_path / "freehold.yaml", "server.port": 3}, environ={"FREEHOLD_SERVER__PORT": "2"})
    assert loaded.settings.server.port == 3
    assert loaded.origins["server.port"] == "--port"
    assert loaded.origins["server.host"] == f"{tmp_path}/freehold.yaml:1"
    assert loaded.origins["log.level"] == f"{tmp_path}/freehold.yaml:3"
    loaded = load({"config": tmp_path / "freehold.yaml"}, environ={"FREEHOLD_PORT": "2"})
    assert (loaded.settings.server.port, loaded.origins["server.port"]) == (2, "FREEHOLD_PORT")


def test_freehold_yaml_in_the_working_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "freehold.yaml").write_text("server: {port: 4444}")
    assert load(environ={}).settings.server.port == 4444


def test_the_long_name_wins_over_the_short_and_that_over_lobechats() -> None:
    environ = {"PORT": "1", "FREEHOLD_PORT": "2", "FREEHOLD_SERVER__PORT": "3"}
    assert load(environ=environ).settings.server.port == 3
    assert load(environ={"PORT": "1", "FREEHOLD_PORT": "2"}).settings.server.port == 2
    assert load(environ={"PORT": "1"}).settings.server.port == 1


@pytest.mark.parametrize("name", sorted(variables()))
def test_every_variable_reaches_its_setting(name: str, tmp_path: Path) -> None:
    samples = {
        "port": "8123",
        "public_url": "https://chat.example.com",
        "app_url": "https://chat.example.com",
        "host": "0.0.0.0",
        "level": "debug",
        "format": "json",
        "config": "",
        "json_bytes": "20000",
        "max_seconds": "60",
        "user": "[]" if "BUDGETS" in name else "{}",
        "people": "{}",
        "groups": "{}",
        "models": "{}",
        "file_bytes": "20000",
        "api_bytes": "20000",
        "media_bytes": "20000",
        "import_bytes": "20000",
        "keep_days": "90",
        "mode": "always",
        "api": "always",
        "min_people": "4",
        "share": "key",
        "url_bytes": "2000",
        "context_tokens": "2048",
        "endpoint": "http://collector:4318",
        "otel_exporter_otlp_endpoint": "http://collector:4318",
        "package_index": "https://pypi.example.com/simple",
        "allowed_hosts": "a.example, *.b.example",
        "cors_origins": "https://app.example.com, http://localhost:5173",
        "trusted_proxies": "10.0.0.0/8 ::1",
    }
    last = name.removeprefix("FREEHOLD_").rpartition("__")[2].lower()
    loaded = load(environ={name: samples.get(last, "1")})
    assert loaded.warnings == ()
    assert last == "config" or loaded.origins == {".".join(str(part) for part in variables()[name]): name}


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "code"
    secret.write_text("open sesame\n")
    loaded = load(environ={"ACCESS_CODE_FILE": str(secret)})
    assert loaded.settings.auth.access_code is not None
    assert loaded.settings.auth.access_code.get_secret_value() == "open sesame"
    assert loaded.origins["auth.access_code"] == "ACCESS_CODE_FILE"
    assert refusal(environ={"FREEHOLD_MASTER_KEY_FILE": "/nowhere/key"}) == [
        "FREEHOLD_MASTER_KEY_FILE: cannot read /nowhere/key: No such file or directory"
    ]


def test_an_empty_variable_is_no_variable() -> None:
    # compose files write PORT=${PORT:-} and mean: not set
    assert load(environ={"PORT": "", "FREEHOLD_SERVER__HOST": ""}).settings.server.port == 3210


def test_an_unknown_variable_is_a_warning_with_the_nearest_name() -> None:
    loaded = load(environ={"FREEHOLD_PROT": "1", "FREEHOLD_LOG__LEVLE": "info", "FREEHOLD_CHECK_X": "1"})
    assert len(loaded.warnings) == 2
    assert "FREEHOLD_LOG__LEVEL?" in loaded.warnings[0]
    assert "FREEHOLD_PORT?" in loaded.warnings[1]


def test_everything_that_is_wrong_is_named_at_once_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text(
        "server:\n"
        "  port: many\n"
        "  prot: 1\n"
        "provders: []\n"
        "providers:\n"
        "  - {id: a, kind: openai, api_key: '${NOT_SET}'}\n"
        "  - id: b\n"
        "    kind: ollama\n"
        "    base_url: ftp://x\n"
        "    modls: []\n"
        "  - id: c\n"
    )
    found = refusal(file, {"FREEHOLD_LOG__LEVEL": "loud", "FREEHOLD_PUBLIC_URL": "https://x/path"})
    expected = [
        (f"{file}:2:", "server.port", "integer"),
        (f"{file}:3:", "server.prot", "did you mean port"),
        (f"{file}:4:", "provders", "did you mean providers"),
        (f"{file}:6:", "NOT_SET", "not set"),
        (f"{file}:9:", "providers.1.base_url", "^https?://"),
        (f"{file}:10:", "providers.1.modls", "did you mean models"),
        (f"{file}:11:", "providers.2.kind", "required"),
        ("FREEHOLD_LOG__LEVEL:", "log.level", "debug"),
        ("FREEHOLD_PUBLIC_URL:", "server.public_url", "scheme, host and port"),
    ]
    for place, name, why in expected:
        assert [line for line in found if line.startswith(place) and name in line and why in line], (place, name, found)
    assert len(found) == len(expected)


def test_what_is_wrong_with_a_declared_key_is_named_by_line(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text(
        "keys:\n"
        "  - {name: a, key: short}\n"
        "  - name: b\n"
        "    key: a-secret-of-theirs\n"
        "    scopes: [chat, root]\n"
        "    networks: [nowhere]\n"
        "    budget: {usd: 1, perod: day}\n"
        "    expires: tomorrow\n"
        "  - {name: c, key: '${NOT_SET}'}\n"
        "  - {name: d, kye: a-secret-of-theirs-2}\n"
    )
    found = refusal(file, {})
    expected = [
        (":2:", "keys.0.key", "at least 12"),
        (":5:", "keys.1.scopes.1", "'chat', 'embeddings'"),
        (":6:", "keys.1.networks", "neither an IP address nor a network"),
        (":7:", "keys.1.budget.perod", "did you mean period"),
        (":8:", "keys.1.expires", "a day such as 2027-12-31, or never"),
        (":9:", "NOT_SET", "not set"),
        (":10:", "keys.3.kye", "did you mean key"),
        (":10:", "keys.3.key", "required"),
    ]
    for place, name, why in expected:
        assert [line for line in found if line.startswith(f"{file}{place}") and name in line and why in line], (
            place,
            name,
            found,
        )
    assert not any("short" in line or "of-theirs" in line for line in found)


def test_a_declared_key_with_everything(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text(
        "keys:\n"
        "- {name: ci, key: '${CI_KEY}', scopes: [chat, models], models: ['*'], budget: {usd: 20, period: month},\n"
        "   expires: 2027-12-31, user: a@example.org, networks: 10.0.0.0/8, limits: {concurrency: 4}}\n"
        "- {name: plain, key: '${CI_KEY}-2', expires: 2027-12-31T12:00:00+02:00}\n"
    )
    first, second = load({"config": file}, environ={"CI_KEY": "a-secret-of-theirs"}).settings.declared.keys
    assert first.key.get_secret_value() == "a-secret-of-theirs"
    assert first.expires == datetime(2028, 1, 1, tzinfo=UTC)  # the day is over
    assert second.expires == datetime(2027, 12, 31, 10, tzinfo=UTC)
    assert first.budget is not None
    assert (first.budget.usd, first.limits.concurrency, first.networks) == (20, 4, ("10.0.0.0/8",))
    assert (second.scopes, second.models, second.budget) == (("chat", "embeddings", "models"), ("*",), None)
    assert (first.origin_detail, second.origin_detail) == ("freehold.yaml:2", "freehold.yaml:4")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("keys: {name: a}\n", 1, "must be a list, each with name and key"),
        ("keys:\n- {name: a, key: aaaaaaaaaaaa}\n- {name: a, key: bbbbbbbbbbbb}\n", 3, "'a' is declared twice"),
        ("keys:\n- {name: a, key: aaaaaaaaaaaa}\n- {name: b, key: aaaaaaaaaaaa}\n", 3, "same secret is declared"),
        ("server:\n  port: 1\n bad: 2\n", 3, "not valid YAML"),
        ("server: {port: 1\nlog: {}\n", 2, "not valid YAML"),
        ("a: &x 1\nserver: *y\n", 2, "not valid YAML"),
        ("server:\n  port: 1\n  port: 2\n", 3, "given twice"),
        ("- 1\n", 1, "sections"),
        ("server: 5\n", 1, "server"),
        ("providers: {id: a}\n", 1, "must be a list"),
        ("providers:\n- {id: a, kind: ollama}\n- {id: a, kind: ollama}\n", 3, "declared twice"),
        ("providers:\n- {id: a, kind: ollama, origin: database}\n", 2, "no such setting"),
        ("server:\n  \tport: 1\n", 2, "not valid YAML"),
    ],
)
def test_a_broken_file_is_told_by_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text(text)
    found = refusal(file)
    assert [item for item in found if item.startswith(f"{file}:{line}:") and why in item], found


def test_a_missing_or_binary_file_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == [f"{tmp_path}/none.yaml: cannot be read: No such file or directory"]
    (tmp_path / "bin.yaml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refusal(tmp_path / "bin.yaml")[0]


def test_variables_in_the_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("sk-from-file\n")
    environ = {"HOST": "example", "KEY_FILE": str(secret)}
    text = (
        "server: {public_url: 'https://${HOST}.com', port: '${P:-8080}'}\n"
        "providers:\n  - {id: a, kind: openai, api_key: '${KEY}', options: {note: 'costs $$5'}}\n"
    )
    settings = from_file(tmp_path, text, environ).settings
    assert (settings.server.public_url, settings.server.port) == ("https://example.com", 8080)
    provider = settings.declared.providers[0]
    assert provider.api_key is not None
    assert provider.api_key.get_secret_value() == "sk-from-file"
    assert provider.options == {"note": "costs $5"}
    assert (provider.origin, provider.origin_detail) == ("file", "freehold.yaml:3")


def test_models_may_be_ids_or_mappings(tmp_path: Path) -> None:
    text = (
        "providers:\n  - id: a\n    kind: ollama\n"
        "    models: ['qwen*', {id: x, name: X, context_tokens: 4096, abilities: 'vision tools'}]\n"
    )
    provider = from_file(tmp_path, text).settings.declared.providers[0]
    assert provider.models == ("qwen*", "x")
    assert provider.declared_models[1].abilities == ("vision", "tools")


def test_an_empty_file_is_fine(tmp_path: Path) -> None:
    assert from_file(tmp_path, "# nothing yet\n").settings.declared.providers == ()
    assert from_file(tmp_path, "providers:\n").settings.declared.providers == ()


def test_no_secret_is_repeated_in_a_refusal_or_shown_by_the_settings(tmp_path: Path) -> None:
    environ = {"FREEHOLD_PORT": "x", "ACCESS_CODE": "hidden-code", "DATABASE_URL": "postgresql://u:hidden-pw@h/d"}
    assert "hidden" not in str(refusal(environ=environ))
    settings = load(environ={**environ, "FREEHOLD_PORT": "1"}).settings
    assert "hidden" not in repr(settings)
    text = "providers:\n  - {id: a, kind: openai, api_key: [hidden-key]}\n"
    (tmp_path / "freehold.yaml").write_text(text)
    assert "hidden" not in str(refusal(tmp_path / "freehold.yaml"))
