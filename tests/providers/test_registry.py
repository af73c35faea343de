"""Provider folders are found by their manifests, and a config becomes the provider of its vendor's dialect."""

from pathlib import Path

import pytest

from freehold import errors
from freehold.providers import catalogue, registry
from freehold.providers.base import Provider, ProviderConfig
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Upstream

GOOD = 'id = "folder"\nname = "N"\ndialect = "D"\ndocs = "https://d.example"\nowner = "o"\nabilities = ["tools"]\n'


def config(kind: str) -> ProviderConfig:
    return ProviderConfig("p", kind, "P", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("folder", sorted(registry.manifests()))
def test_every_folder_can_be_built(folder: str, tmp_path: Path) -> None:
    built = registry.build(config(folder), ProviderDeps(Upstream(), tmp_path))
    assert isinstance(built, Provider)
    assert type(built).__module__ == f"freehold.providers.{folder}.provider"
    assert built.manages_models == bool(registry.manifests()[folder].manages)


def test_a_vendor_is_answered_by_the_folder_of_its_dialect(tmp_path: Path) -> None:
    deps = ProviderDeps(Upstream(), tmp_path)
    for kind, folder in (("deepseek", "openai_compatible"), ("anthropic", "anthropic"), ("gemini", "gemini")):
        assert registry.manifest_for(kind).id == folder
        assert type(registry.build(config(kind), deps)).__module__ == f"freehold.providers.{folder}.provider"


def test_folders_without_a_vendor_of_the_catalogue_are_kinds_too() -> None:
    assert registry.vendor("echo").self_hosted
    assert registry.vendor("embedded").self_hosted
    assert set(registry.manifests()) <= set(registry.vendors())


def test_no_vendor_is_described_twice() -> None:
    own = {manifest.id for manifest in registry.manifests().values() if manifest.vendor}
    assert own & set(catalogue.vendors()) == set()


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError):
        registry.build(config("nothing"), ProviderDeps(Upstream(), tmp_path))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "id"),
        ("id = ", "Invalid value"),
        (GOOD.replace('"folder"', '"other"'), "folder"),
        (GOOD.replace("dialect", "dialog"), "dialect"),
        (GOOD + '[vendor]\nname = "V"\nkolor = "red"\n', "kolor"),
    ],
)
def test_a_wrong_manifest_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "folder" / "manifest.toml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(errors.ConfigurationError, match=complaint) as caught:
        registry.read_manifest(path)
    assert str(path) in caught.value.message


def test_a_good_manifest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "manifest.toml"
    path.parent.mkdir()
    path.write_text(GOOD)
    assert registry.read_manifest(path).abilities == {"tools"}
