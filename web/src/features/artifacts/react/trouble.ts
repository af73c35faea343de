/** Why a component is not shown, or went wrong when it was. */

export type Trouble =
  /** It is no code that a browser could run. */
  | { kind: "syntax"; message: string; line?: number }
  /** It imports what is not here. */
  | { kind: "missing"; names: string[] }
  /** It exports nothing that could be drawn, and draws nothing itself. */
  | { kind: "nothing" }
  /** It ran, and threw. */
  | { kind: "failed"; message: string; line?: number }
  /** What draws components could not be loaded. */
  | { kind: "unavailable" };

/** The name of the code in stacks and errors. */
export const SOURCE = "artifact.tsx";

const LONGEST = 2000;
const MOST_NAMES = 10;

const text = (value: unknown) => (typeof value === "string" ? value.slice(0, LONGEST) : "");
const line = (value: unknown) => (Number.isInteger(value) && Number(value) > 0 ? Number(value) : undefined);

/** What a frame says of itself. Nothing in it is trusted: the component can say the same. */
export function troubleOf(said: unknown): Trouble | null {
  const { kind, message, names, line: at } = Object(said) as Record<string, unknown>;
  if (kind === "syntax" || kind === "failed") return { kind, message: text(message), line: line(at) };
  if (kind === "missing" && Array.isArray(names))
    return { kind, names: names.slice(0, MOST_NAMES).map(text) };
  return kind === "nothing" ? { kind } : null;
}
