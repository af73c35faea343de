"""Runs the measurements and prints the table: `python -m bench.gateway [--no-peer] [--seconds 3] [--only NAME ...]`.

The server has one core, the fake provider and the load the other. Processor time per request is the figure to gate on;
times and rates also tell what else the machine was doing.
"""

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from bench.gateway import machine, servers
from bench.gateway.scenarios import Measured, Measurement, over_budget, rows
from bench.table import render

OURS, PEER = "freehold", "litellm"
STARTERS = {"relay": servers.relay, OURS: servers.freehold, PEER: servers.litellm}


def main() -> int:
    """Print the table; exit status 1 when a budget of ours does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__)
    parser.add_argument("--no-peer", action="store_true", help="without LiteLLM")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each part (default 2)")
    parser.add_argument("--only", nargs="+", choices=STARTERS, default=list(STARTERS), help="these servers alone")
    options = parser.parse_args()
    if sys.platform != "linux":
        print("reads processor time from /proc, so it needs Linux")
        return 1
    wanted = [name for name in STARTERS if name in options.only and not (options.no_peer and name == PEER)]
    measured: dict[str, Measured] = {}
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder, servers.fake_provider() as upstream:
        measured["direct"] = Measurement(upstream, upstream, options.seconds).run()
        for name in wanted:
            print(f"measuring {name}", file=sys.stderr, flush=True)
            try:
                with STARTERS[name](upstream, Path(folder)) as running:
                    measured[name] = Measurement(running, upstream, options.seconds).run()
            except servers.NotMeasured as exc:
                measured[name] = Measured()
                notes.append(f"{name.upper()} WAS NOT MEASURED: {exc}")
    own, others = machine.cores()
    print(f"\nserver on core {min(own)}, provider and load on core {min(others)}, {options.seconds:g} s a part", end="")
    print(f", Python {platform.python_version()} of {sys.base_prefix}", end="")
    print(f", LiteLLM {servers.litellm_version()}\n" if measured.get(PEER, Measured()).figures else "\n")
    heads = ["figure", *measured, "times better", "budget"]
    print(render(heads, rows(measured, OURS, PEER)))
    for note in [*notes, *(note for one in measured.values() for note in one.notes)]:
        print(f"  {note}")
    over = over_budget(measured.get(OURS, Measured()))
    for name in over:
        print(f"over its budget: {name}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
