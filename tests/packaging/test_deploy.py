"""The files under deploy/ are what their formats say, and keep the hardening that SECURITY.md promises."""

import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COMPOSE = sorted([ROOT / "docker-compose.yml", *(ROOT / "deploy/compose").glob("*.yml")])
PROGRAMS = Path(sys.executable).parent


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [PROGRAMS / "hadolint", ROOT / "deploy/Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_are_valid(path: Path) -> None:
    command = [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_services_have_no_privileges(path: Path) -> None:
    services = YAML(typ="safe").load(path)["services"]
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
    freehold = services["freehold"]
    assert freehold["read_only"] is True
    assert any(mount.startswith("/tmp") for mount in freehold["tmpfs"])
    build = (path.parent / freehold["build"]["context"]).resolve()
    assert (build / freehold["build"]["dockerfile"]).is_file()


def test_the_image_runs_as_a_plain_user_in_exec_form() -> None:
    lines = (ROOT / "deploy/Dockerfile").read_text().split("\nFROM ")[-1].splitlines()
    assert "USER 10001:10001" in lines
    assert all(line.split(" ", 1)[1].startswith("[") for line in lines if line.startswith(("ENTRYPOINT", "CMD")))
    # nothing that needs root comes after the user
    after = lines[lines.index("USER 10001:10001") :]
    assert not [line for line in after if line.startswith(("RUN", "COPY", "USER root", "ADD"))]
