/** The console of a script: what it is told goes to the writer. */
import { describe, show } from "./javascript-values";
import type { Stream, Writer } from "./writer";

const words = (value: unknown) =>
  typeof value === "string" ? value : value instanceof Error ? describe(value) : show(value);

/** A line of the console; the first text may have places for what follows (WHATWG Console, section 2.2). */
export function line(given: unknown[]): string {
  const [first, ...rest] = given;
  if (typeof first !== "string" || rest.length === 0) return given.map(words).join(" ");
  const filled = first.replace(/%([sdifoOc%])/g, (place, kind: string) => {
    if (kind === "%") return "%";
    if (rest.length === 0) return place;
    const value = rest.shift();
    if (kind === "c") return "";
    if (kind === "d" || kind === "i") return String(Math.trunc(Number(value)));
    if (kind === "f") return String(Number(value));
    return kind === "s" ? (typeof value === "symbol" ? value.toString() : words(value)) : show(value);
  });
  return [filled, ...rest.map(words)].join(" ");
}

/** Rows and columns, as `console.table` lays them out; what is no table is shown as a value. */
export function table(data: unknown): string {
  if (typeof data !== "object" || data === null) return words(data);
  const rows = Object.entries(data).slice(0, 1000);
  const isRow = (row: unknown): row is object => typeof row === "object" && row !== null;
  const columns = [...new Set(rows.flatMap(([, row]) => (isRow(row) ? Object.keys(row) : [])))].slice(0, 50);
  const bare = rows.some(([, row]) => !isRow(row));
  const cells = [
    ["", ...columns, ...(bare ? ["value"] : [])],
    ...rows.map(([name, row]) => [
      name,
      ...columns.map((column) =>
        isRow(row) && column in row ? show((row as Record<string, unknown>)[column]) : "",
      ),
      ...(bare ? [isRow(row) ? "" : show(row)] : []),
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function consoleFor(writer: Writer): Record<string, (...given: unknown[]) => void> {
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  let indent = "";
  const print = (stream: Stream, text: string) =>
    writer.write(stream, `${indent}${indent ? text.replaceAll("\n", `\n${indent}`) : text}\n`);
  const out = (...given: unknown[]) => print("out", line(given));
  const err = (...given: unknown[]) => print("err", line(given));
  const since = (label: string) =>
    `${label}: ${(performance.now() - (timers.get(label) ?? 0)).toFixed(1)} ms`;
  const group = (...given: unknown[]) => {
    if (given.length > 0) out(...given);
    indent += "  ";
  };
  return {
    log: out,
    info: out,
    debug: out,
    warn: err,
    error: err,
    trace: (...given) => err("Trace:", ...given),
    dir: (value) => out(show(value)),
    dirxml: out,
    table: (data) => print("out", table(data)),
    assert: (holds, ...given) => {
      if (!holds) err("Assertion failed:", ...given);
    },
    count: (label = "default") => {
      counts.set(String(label), (counts.get(String(label)) ?? 0) + 1);
      out(`${label}: ${counts.get(String(label))}`);
    },
    countReset: (label = "default") => void counts.delete(String(label)),
    time: (label = "default") => void timers.set(String(label), performance.now()),
    timeLog: (label = "default", ...given) => out(since(String(label)), ...given),
    timeEnd: (label = "default") => {
      out(since(String(label)));
      timers.delete(String(label));
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2);
    },
    clear: () => undefined,
  };
}
