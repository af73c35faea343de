/**
 * The variables of a prompt: `{{name}}`, `{{name=default}}`, `{{name:one|two}}`. Chinese signs
 * do as well. Some names the app knows by itself, under the words that Open WebUI and LibreChat have for them.
 */

export interface Variable {
  name: string;
  /** What stands in the field at first. */
  start: string;
  /** What it can be; empty: anything. */
  choices: string[];
}

const BRACES = /(?<!\{)\{\{([^{}\n]{1,500})\}\}(?!\})/g;
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ .-]{0,59}$/u;

/** What stands between the braces, or null where that is no variable but somebody's code. */
function read(inner: string): Variable | null {
  const [, name = "", sign, rest = ""] = /^\s*([^=:|＝：｜]+?)\s*(?:([=:＝：])(.*))?$/su.exec(inner) ?? [];
  if (!NAME.test(name)) return null;
  if (sign !== ":" && sign !== "：") return { name, start: rest.trim(), choices: [] };
  const choices = rest
    .split(/[|｜]/)
    .map((choice) => choice.trim())
    .filter(Boolean);
  return choices.length < 2 ? null : { name, start: choices[0] ?? "", choices: [...new Set(choices)] };
}

/** Each variable once, as it stands first; the first one with a default or choices has the say. */
export function variablesOf(text: string): Variable[] {
  const found = new Map<string, Variable>();
  for (const [, inner = ""] of text.matchAll(BRACES)) {
    const variable = read(inner);
    const before = variable && found.get(variable.name);
    if (variable && (!before || (!before.start && variable.start))) found.set(variable.name, variable);
  }
  return [...found.values()];
}

/** The text with the values in their places; a variable without a value stays as it is. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(BRACES, (whole, inner: string) => {
    const variable = read(inner);
    return variable ? (values[variable.name] ?? whole) : whole;
  });
}

/** The values that nobody has to be asked for. `clipboard` is asked of the browser only where it is wanted. */
export async function knownValues(
  variables: Variable[],
  { locale, user }: { locale: string; user: string },
): Promise<Record<string, string>> {
  const now = new Date();
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const known: Record<string, () => string | Promise<string>> = {
    current_date: () => date.format(now),
    current_time: () => time.format(now),
    current_datetime: () => `${date.format(now)} ${time.format(now)}`,
    current_weekday: () => new Intl.DateTimeFormat(locale, { weekday: "long" }).format(now),
    current_user: () => user,
    user_name: () => user,
    user_language: () => new Intl.DisplayNames(locale, { type: "language" }).of(locale) ?? locale,
    // where the browser refuses, it is asked for like any other
    clipboard: () => navigator.clipboard.readText().catch(() => ""),
  };
  const values: Record<string, string> = {};
  for (const { name } of variables) {
    const value = await known[name.toLowerCase()]?.();
    if (value) values[name] = value;
  }
  return values;
}
