"""The web app's lock names every platform's packages, so that `npm ci` works on every machine."""

import json
from pathlib import Path

LOCK = Path(__file__).parents[2] / "web" / "package-lock.json"


def test_every_optional_package_is_locked_with_its_hash() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    absent = [
        f"{name or 'the app'} needs {wanted}"
        for name, package in packages.items()
        if not package.get("inBundle")
        for wanted in package.get("optionalDependencies", {})
        if f"{name}/node_modules/{wanted}" not in packages and f"node_modules/{wanted}" not in packages
    ]
    assert absent == [], "npm ci refuses such a lock; take the newest version whose packages are all there"
    unsigned = [name for name, p in packages.items() if name and not p.get("integrity") and not p.get("inBundle")]
    assert unsigned == []
