/** Finds the artifacts of a text: its code blocks in the order in which they are drawn. */
import { BlockLexer, type Token, type Tokens } from "../markdown/lex";
import { type Kind, kindOf, titleOf } from "./kinds";

export interface Block {
  kind: Kind;
  title: string;
  info: string;
  code: string;
  /** Its closing fence is not there. */
  open: boolean;
}

export function collect(text: string): Block[] {
  if (!/```|~~~|<svg|<html|<!doctype/i.test(text)) return [];
  const found: Block[] = [];
  const walk = (token: Token): void => {
    if (token.type === "code") {
      const { text: code, lang: info = "", raw } = token as Tokens.Code;
      const kind = kindOf(info.split(/\s/)[0] ?? "", code);
      if (kind) found.push({ kind, title: titleOf(kind, info, code), info, code, open: isOpen(raw) });
      return;
    }
    const { tokens = [], items = [] } = token as { tokens?: Token[]; items?: Token[] };
    for (const inner of [...items, ...tokens]) walk(inner);
  };
  for (const token of new BlockLexer().update(text, false)) walk(token);
  return found;
}

/** Whether a block's closing fence is yet to come. */
export function isOpen(raw: string): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  return fence !== undefined && !raw.trimEnd().endsWith(`\n${fence}`);
}
