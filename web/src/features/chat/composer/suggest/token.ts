/** What is being typed that means something else than words: `/` a prompt or a command, `@` a model. */

export interface Token {
  kind: "/" | "@";
  /** Where its sign stands. */
  start: number;
  /** Behind its last character. */
  end: number;
  /** What follows the sign. */
  query: string;
}

/** A slash begins a line, so that paths, fractions and "either/or" are left alone. */
const SLASH = /(?:^|\n)\/([^\s/]{0,40})$/u;
/** Not in an address: letters and digits before it make it one. Chinese needs no space before it. */
const AT = /(?:^|[^\p{Script=Latin}\p{N}_.@/-])@([^\s@]{0,60})$/u;

/** The token that ends at the caret; null where there is none. */
export function tokenAt(text: string, caret: number): Token | null {
  const before = text.slice(0, caret);
  // somebody who goes back into a word changes the word
  if (/^[^\s]/u.test(text.slice(caret))) return null;
  const slash = SLASH.exec(before);
  if (slash) return made("/", before, slash[1] ?? "");
  const at = AT.exec(before);
  return at ? made("@", before, at[1] ?? "") : null;
}

function made(kind: Token["kind"], before: string, query: string): Token {
  return { kind, start: before.length - query.length - 1, end: before.length, query };
}
