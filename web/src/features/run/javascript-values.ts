/** JavaScript's values and errors in words. */
import { inspect } from "loupe";

/** What the script is called in traces. */
export const NAME = "code.js";

const LONGEST = 20_000;

/** Loupe writes both zeros with their sign, a console only the one below. */
const plain = (text: string) => (text === "+0" ? "0" : text);

/** A value as a console shows it. */
export function show(value: unknown): string {
  try {
    return inspect(value, { depth: 4, truncate: LONGEST, stylize: plain });
  } catch (error) {
    return `<${String(error)}>`;
  }
}

/** An error with its way through the script; anything else that was thrown, as a value. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `Uncaught ${show(error)}`;
  const where = String(error.stack ?? "")
    .split("\n")
    .filter((line) => line.includes(`${NAME}:`))
    .map((line) => line.replace(/eval \(eval at [^)]*\), /, "").trimEnd());
  const head = `${error.name}: ${error.message}`;
  const cause = error.cause === undefined ? [] : [`Caused by: ${describe(error.cause)}`];
  return [head, ...where, ...cause].join("\n");
}

/** The line of the script in which an error arose. */
export function lineOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = new RegExp(`${NAME.replace(".", "\\.")}:(\\d+)`).exec(String(error.stack ?? ""))?.[1];
  return found ? Number(found) : undefined;
}
