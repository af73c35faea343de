/** Markdown to tokens: GFM plus formulas and footnotes, block by block, so that a growing text costs only its end. */
import { Lexer, Marked, type Token, type Tokens, type TokensList } from "marked";
import remend from "remend";

export interface MathToken {
  type: "math" | "inlineMath";
  raw: string;
  text: string;
  display: boolean;
}

export interface FootnoteRef {
  type: "footnoteRef";
  raw: string;
  label: string;
}

export interface FootnoteDef {
  type: "footnoteDef";
  raw: string;
  label: string;
  tokens: Token[];
}

const marked = new Marked({
  gfm: true,
  extensions: [
    {
      name: "math",
      level: "block",
      start: (src) => src.match(/(?:^|\n)(?:\$\$|\\\[)/)?.index,
      tokenizer(src): MathToken | undefined {
        const match = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/.exec(src);
        const text = match?.[1] ?? match?.[2];
        return match && text?.trim()
          ? { type: "math", raw: match[0], text: text.trim(), display: true }
          : undefined;
      },
    },
    {
      name: "inlineMath",
      level: "inline",
      start: (src) => src.match(/\$|\\[([]/)?.index,
      tokenizer(src): MathToken | undefined {
        const display = /^(?:\$\$([^$]+?)\$\$|\\\[([\s\S]+?)\\\])/.exec(src);
        if (display) {
          return {
            type: "inlineMath",
            raw: display[0],
            text: (display[1] ?? display[2] ?? "").trim(),
            display: true,
          };
        }
        // a dollar sign opens a formula only as Pandoc says: no space inside the signs, no digit after the last one
        const match = /^(?:\$(?!\s)((?:\\.|[^\\\n$])*?[^\s\\$])\$(?!\d)|\\\(([\s\S]+?)\\\))/.exec(src);
        const text = match?.[1] ?? match?.[2];
        return match && text
          ? { type: "inlineMath", raw: match[0], text: text.trim(), display: false }
          : undefined;
      },
    },
    {
      name: "footnoteDef",
      level: "block",
      start: (src) => src.match(/(?:^|\n)\[\^/)?.index,
      tokenizer(src): FootnoteDef | undefined {
        const match = /^\[\^([^\]\s]+)\]:[ \t]*((?:[^\n]*)(?:\n(?: {2,}|\t)[^\n]*)*)(?:\n|$)/.exec(src);
        if (!match?.[1]) return undefined;
        const body = (match[2] ?? "").replace(/\n[ \t]+/g, "\n");
        return { type: "footnoteDef", raw: match[0], label: match[1], tokens: this.lexer.inlineTokens(body) };
      },
    },
    {
      name: "footnoteRef",
      level: "inline",
      start: (src) => src.match(/\[\^/)?.index,
      tokenizer(src): FootnoteRef | undefined {
        const match = /^\[\^([^\]\s]+)\]/.exec(src);
        return match?.[1] ? { type: "footnoteRef", raw: match[0], label: match[1] } : undefined;
      },
    },
  ],
});

type Links = TokensList["links"];

function lexWith(text: string, links: Links): TokensList {
  const lexer = new Lexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  return lexer.lex(text);
}

/** Blocks whose unfinished end may be closed for display (`**bo` is shown bold while it is being written). */
const MENDABLE = new Set(["paragraph", "list", "heading", "blockquote", "table", "text"]);

/**
 * Keeps the blocks of a text that grows at its end. Every block but the last is final: Markdown blocks only ever change
 * by what follows directly. The one exception, link definitions that come later, is settled by `finish`.
 */
export class BlockLexer {
  private text = "";
  private stable: Token[] = [];
  private stableLength = 0;
  private links: Links = {};

  /** The blocks of `text`; with `live` the last one may be closed for display. */
  update(text: string, live: boolean): Token[] {
    if (!live || !text.startsWith(this.text)) this.reset();
    this.text = text;
    const fresh = lexWith(text.slice(this.stableLength), this.links);
    Object.assign(this.links, fresh.links);
    let last = fresh.length - 1;
    while (last >= 0 && fresh[last]?.type === "space") last -= 1;
    const tail = fresh.slice(Math.max(0, last));
    for (const token of fresh.slice(0, Math.max(0, last))) {
      this.stable.push(token);
      this.stableLength += token.raw.length;
    }
    return [...this.stable, ...(live ? this.mend(tail) : tail)];
  }

  private mend(tail: Token[]): Token[] {
    const [block] = tail;
    if (!block || !MENDABLE.has(block.type)) return tail;
    const mended = remend(block.raw, { linkMode: "text-only", katex: false });
    return mended === block.raw ? tail : lexWith(mended, this.links);
  }

  private reset(): void {
    this.stable = [];
    this.stableLength = 0;
    this.links = {};
  }
}

export function isMath(token: Token): token is MathToken {
  return token.type === "math" || token.type === "inlineMath";
}

export type { Token, Tokens };
