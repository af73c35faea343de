"""Writes docs/reference/metrics.md from the metrics: `python -m freehold.observability.reference [FOLDER]`."""

import sys
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from freehold.observability import metrics
from freehold.observability.tallies import Family

HEAD = """# Metrics

<!-- Written by `python -m freehold.observability.reference`; a test keeps it current. -->

In Prometheus' text format at `/metrics`, for administrators, or on a port of its own (`FREEHOLD_METRICS__PORT`).
Besides these come `process_*` and `python_gc_*` of the Prometheus client.

| metric | kind | labels | meaning |
|---|---|---|---|
"""


def metrics_page() -> str:
    """One row per metric, under the name that Prometheus sees."""
    rows = []
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase | Family):
            family = next(iter(value.describe()))
            name = f"{family.name}_total" if family.type == "counter" else family.name
            names = value.label_names if isinstance(value, Family) else value._labelnames
            labels = ", ".join(f"`{label}`" for label in names)
            rows.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |")
    return HEAD + "\n".join(sorted(rows)) + "\n"


def main(folder: Path) -> None:
    """Write the page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.md").write_text(metrics_page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
