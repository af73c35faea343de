/** Markdown as words for the ear: no code, no addresses, no signs; and those words in pieces that are spoken one by one. */
import { BlockLexer, isMath, type Token } from "@/features/markdown/lex";

const PAUSE = "\n";
/** The end of a heading, a list item or a cell is heard as the end of a sentence. */
const END = /[\p{P}\p{S}]$/u;
const ADDRESS = /^(?:https?:\/\/|www\.|mailto:)\S+$/i;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };

interface AnyToken {
  type: string;
  text?: string;
  tokens?: Token[];
  items?: Token[];
  header?: { tokens: Token[] }[];
  rows?: { tokens: Token[] }[][];
}

/** What is read aloud of an answer; empty where there is nothing but code and pictures. */
export function speakable(markdown: string): string {
  return blocks(new BlockLexer().update(markdown, false))
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line))
    .join(PAUSE);
}

function blocks(tokens: Token[]): string[] {
  return tokens.flatMap((token): string[] => {
    const { type, tokens: inner, items, header, rows } = token as AnyToken;
    switch (type) {
      case "heading":
        return [closed(words(inner))];
      case "paragraph":
      case "text":
        return [inner ? words(inner) : decoded((token as AnyToken).text)];
      case "blockquote":
        return blocks(inner ?? []);
      case "list":
        return (items ?? []).flatMap((item) => blocks((item as AnyToken).tokens ?? []).map(closed));
      case "table":
        return (rows ?? []).map((row) => closed(cellsOf(header ?? [], row)));
      default:
        return []; // code, formulas, rules, HTML, footnotes
    }
  });
}

/** A row as it would be told: each cell behind the name of its column. */
function cellsOf(header: { tokens: Token[] }[], row: { tokens: Token[] }[]): string {
  return row
    .map(({ tokens }, at) => [words(header[at]?.tokens), words(tokens)].filter(Boolean).join(": "))
    .filter(Boolean)
    .join(", ");
}

function words(tokens: Token[] | undefined): string {
  return (tokens ?? []).map(word).join("");
}

function word(token: Token): string {
  const { type, text = "", tokens } = token as AnyToken;
  if (isMath(token)) return /^[\p{L}\p{N}\s+=.,-]*$/u.test(token.text) ? ` ${token.text} ` : " ";
  switch (type) {
    case "link":
      return ADDRESS.test(text) ? "" : words(tokens);
    case "image":
    case "html":
    case "footnoteRef":
      return "";
    case "br":
      return " ";
    case "codespan":
    case "escape":
      return decoded(text);
    default:
      return tokens ? words(tokens) : decoded(text);
  }
}

const decoded = (text = "") =>
  text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name] ?? "");

const closed = (line: string) => {
  const text = line.trim();
  if (!text || END.test(text)) return text;
  return text + (/\p{Script=Han}$/u.test(text) ? "。" : ".");
};

/** How much of words that still grow will not change: whole lines, and in the last one whole sentences. */
export function whole(words: string): number {
  const line = words.lastIndexOf(PAUSE) + 1;
  // the sign at the very end may be ours, and no end at all
  const last = [...words.slice(line, -1).matchAll(/[.!?…]["”’)]?\s|[。！？]/gu)].at(-1);
  return last ? line + last.index + last[0].length : line;
}

/**
 * In pieces that end with a sentence and have at most about `most` characters: the first ones are short, so that it
 * begins soon.
 */
export function inPieces(text: string, most = 300): string[] {
  const pieces: string[] = [];
  let piece = "";
  const sentences = text
    .split(PAUSE)
    .flatMap((line) =>
      [...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(line)].map(
        ({ segment }) => segment,
      ),
    )
    .flatMap((sentence) => cut(sentence, most));
  for (const sentence of sentences) {
    const limit = pieces.length < 2 ? most / 3 : most;
    if (piece && piece.length + sentence.length > limit) {
      pieces.push(piece.trim());
      piece = "";
    }
    piece += piece && !/\s$/.test(piece) ? ` ${sentence}` : sentence;
  }
  if (piece.trim()) pieces.push(piece.trim());
  return pieces;
}

/** A sentence that is too long, at its commas or, without any, at its spaces. */
function cut(sentence: string, most: number): string[] {
  if (sentence.length <= most) return [sentence];
  const window = sentence.slice(0, most);
  const at = Math.max(...["，", "、", "；", ", ", "; ", " "].map((sign) => window.lastIndexOf(sign) + 1));
  const end = at > most / 4 ? at : most;
  return [sentence.slice(0, end), ...cut(sentence.slice(end), most)];
}
