"""The commands as a person runs them: what they print, where, and with which exit status."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from freehold import __version__
from freehold.db.migrate import head
from freehold.kit.crypto import new_key
from tests.cli.test_model import freehold
from tests.services.freehold_server import serving

PASSWORD = "four unrelated words walk"


def run(*arguments: str, status: int = 0, entered: str = "", **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "freehold", *arguments],
        env={**os.environ, **environment},
        input=f"{entered}\n" if entered else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + (done.stderr if status else "")


def test_the_version_is_quick() -> None:
    began = time.monotonic()
    assert run("--version") == f"freehold {__version__}\n"
    assert time.monotonic() - began < 2


def test_help_lists_every_command() -> None:
    page = run("--help")
    for name in ("serve", "doctor", "migrate", "settings", "openapi", "user", "group", "key", "model"):
        assert name in page


def test_an_unknown_command_or_option_is_told() -> None:
    assert "No such command 'srve'" in run("srve", status=2)
    assert "--prot" in run("serve", "--prot", "1", status=2)


def test_settings_show_values_and_origins_but_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text("log: {level: debug}\nproviders: [{id: house, kind: ollama, base_url: 'http://127.0.0.1:1'}]\n")
    shown = run(
        "settings",
        "--config",
        str(file),
        ACCESS_CODE="hidden-code",
        OPENAI_API_KEY="sk-hidden",
        PORT="4000",
        DATABASE_URL="postgresql://u:hidden@h/d",
    )
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.splitlines()}
    assert lines["server.port"] == "4000 (PORT)"
    assert lines["log.level"] == f"debug ({file}:1)"
    assert lines["auth.access_code"] == "[set] (ACCESS_CODE)"
    assert lines["server.host"] == "127.0.0.1 (default)"
    assert lines["providers.openai"] == "openai key set (OPENAI_API_KEY)"
    assert lines["providers.house"] == "ollama http://127.0.0.1:1 no key (freehold.yaml:2)"
    assert "hidden" not in shown


def test_openapi_is_json() -> None:
    assert json.loads(run("openapi"))["info"]["title"] == "Freehold"


def test_keys_are_made_changed_and_ended_beside_a_running_server(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        data = ["--data-dir", str(server.data_dir)]
        secret = run("key", "create", "ci", "--scopes", "chat,models", "--budget", "5/day", *data).strip()
        assert re.fullmatch(r"fh_[a-z2-9]{8}_[A-Za-z0-9_-]{43}", secret)
        with urllib.request.urlopen(f"{server.url}/api/keys", timeout=10) as answer:
            (key,) = json.load(answer)["items"]
        assert (key["name"], key["scopes"]) == ("ci", ["chat", "models"])
        assert (key["budget"]["usd"], key["budget"]["period"]) == (5, "day")
        assert key["mine"], "the local owner's"
        newer = run("key", "rotate", "ci", "--overlap", "1", *data).strip()
        assert newer != secret
        listed = run("key", "list", *data)
        assert f"{newer[:11]} {secret[:11]}  ci  active" in listed
        assert secret not in listed
        run("key", "revoke", secret[:11], *data)
        assert "  revoked  " in run("key", "list", *data)


def test_a_key_needs_no_server_and_belongs_to_the_first_administrator(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path)]
    run("key", "create", "early", "--expires", "never", *data)
    for email in ("a@example.org", "b@example.org"):
        run("user", "add", email, "--admin", "--password-stdin", FREEHOLD_DATA_DIR=str(tmp_path), entered=PASSWORD)
    run("key", "create", "late", "--expires", "30d", *data)
    run("key", "create", "theirs", "--user", "b@example.org", *data)
    lines = run("key", "list", *data).splitlines()
    assert ["b@example.org" in line for line in lines] == [True, False, False]
    assert all("a@example.org" in line for line in lines[1:])
    assert "never expires" in lines[2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--expires", "soon"], "it is no day"),
        (["--expires", "2020-01-01"], "in the past"),
        (["--scopes", "root"], "scopes: Input should be 'chat'"),
        (["--network", "10.0.0.0/8,nowhere"], "'nowhere' is neither"),
        (["--budget", "lots"], "budget: Input should be a valid number"),
        (["--user", "nobody@example.org"], "There is no account 'nobody@example.org'"),
    ],
    ids=str,
)
def test_a_key_that_makes_no_sense_is_told(options: list[str], said: str, tmp_path: Path) -> None:
    assert said in run("key", "create", "ci", *options, "--data-dir", str(tmp_path), status=1)


def test_the_doctor_finds_a_fresh_place_well_and_changes_nothing(tmp_path: Path) -> None:
    found = run("doctor", "--data-dir", str(tmp_path / "data"))
    assert "FAIL" not in found
    assert "an answer comes through (echo)" in found
    assert not (tmp_path / "data").exists()


def test_the_doctor_beside_a_running_server(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        found = run("doctor", "--data-dir", str(server.data_dir), "--providers")
        assert server.process is not None
        assert f"process {server.process.pid}" in found
        for well in (f"{head()}, current", "passes SQLite's quick check", "master key is the right one"):
            assert well in found


def test_the_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    assert "not the one" in run("doctor", "--data-dir", str(tmp_path / "data"), status=1, FREEHOLD_MASTER_KEY=new_key())
    (tmp_path / "data/freehold.sqlite").write_bytes(b"no database at all " * 500)
    assert "not a SQLite database" in run("doctor", "--data-dir", str(tmp_path / "data"), status=1)
    (tmp_path / "bad.yaml").write_text("server: {port: x}")
    assert f"{tmp_path}/bad.yaml:1" in run("doctor", "--config", str(tmp_path / "bad.yaml"), status=1)


def test_migrate_up_and_down(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path / "data")]
    assert run("migrate", *data).strip() == f"schema empty -> {head()}"
    assert run("migrate", *data).strip() == f"schema {head()}, current"
    assert run("migrate", *data, "--down-to", "base", "--yes").strip() == f"schema {head()} -> empty"
    assert [path.name.rpartition("-")[2] for path in (tmp_path / "data/backups").iterdir()] == [f"{head()}.sqlite"]


@pytest.mark.parametrize("command", [["migrate"], ["user", "add", "a@example.org", "--admin", "--password-stdin"]])
def test_a_database_that_cannot_be_opened_is_told_in_two_lines(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "freehold.sqlite").write_bytes(b"no database at all " * 500)
    said = run(*command, status=1, FREEHOLD_DATA_DIR=str(tmp_path))
    assert "not a SQLite database" in said
    assert len(said.strip().splitlines()) == 2


def test_groups_from_the_command_line(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path))
    run("user", "add", "bo@example.org", "--password-stdin", entered=PASSWORD, FREEHOLD_DATA_DIR=str(tmp_path))
    run("group", "add", "legal", "--description", "contracts", *data)
    assert "already" in run("group", "add", "Legal", *data, status=1)
    run("group", "join", "LEGAL", "Bo@example.org", *data)
    assert run("group", "members", "legal", *data) == "bo@example.org  bo  member  active\n"
    assert "  legal  1 members  contracts\n" in run("group", "list", *data)
    assert "no account" in run("group", "join", "legal", "nobody@example.org", *data, status=1)
    run("group", "leave", "legal", "bo@example.org", *data)
    assert run("group", "members", "legal", *data) == ""
    run("group", "remove", "legal", *data)
    assert "no group 'legal'" in run("group", "members", "legal", *data, status=1)


async def test_a_command_that_makes_a_database_says_so(tmp_path: Path) -> None:
    folder = str(tmp_path / "elsewhere")
    _, out, err = await freehold("key", "list", "--data-dir", folder)
    assert (out, "There was no database" in err) == ("", True)
    assert (await freehold("key", "list", "--data-dir", folder))[2] == ""
