import { grammarName } from "../markdown/languages";
import type { Language } from "./protocol";

/** What a block behind this word can be run as. */
export function runnable(lang: string): Language | undefined {
  const grammar = grammarName(lang);
  return grammar === "javascript" || grammar === "python" ? grammar : undefined;
}
