"""Prints a table that reads well in a terminal and in Markdown."""

from collections.abc import Sequence


def render(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table, columns padded to one width, numbers flush right."""
    cells = [[str(value) for value in row] for row in rows]
    widths = [max(len(head), *(len(row[i]) for row in cells)) for i, head in enumerate(heads)]
    numeric = [all(row[i][:1].isdigit() or row[i][:1] in "<-" for row in cells) for i in range(len(heads))]

    def line(values: Sequence[str]) -> str:
        padded = [
            value.rjust(width) if flush else value.ljust(width)
            for value, width, flush in zip(values, widths, numeric, strict=True)
        ]
        return "| " + " | ".join(padded) + " |"

    rule = (
        "|"
        + "|".join("-" * (width + 1) + (":" if flush else "-") for width, flush in zip(widths, numeric, strict=True))
        + "|"
    )
    return "\n".join([line(list(heads)), rule, *(line(row) for row in cells)])
