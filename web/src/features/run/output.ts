/** What a run printed, as text to be copied and asked about. */
import type { Result } from "./use-run";

/** A question gets so much of it, in characters: its end, where results and errors stand. */
const QUOTED = 6000;

export function writtenOut({ output, value, error, state }: Result): string {
  const printed = output.map(({ text }) => text).join("");
  const last = state === "failed" ? error : value;
  const gap = printed && !printed.endsWith("\n") ? "\n" : "";
  return last === undefined ? printed : `${printed}${gap}${last}`;
}

/** In a fence that it cannot close itself. */
export function quoteOf(text: string, lead: string): string {
  const kept = text.length > QUOTED ? `…\n${text.slice(-QUOTED).replace(/^[^\n]*\n/, "")}` : text;
  const longest = Math.max(2, ...[...kept.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${lead}\n\n${ticks}\n${kept.trimEnd()}\n${ticks}`;
}
