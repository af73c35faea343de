/** Which code blocks can be looked at as what they describe, and what they are called. */
import { fileName } from "../markdown/languages";

export type Kind = "html" | "svg" | "markdown" | "mermaid" | "react";

/** A component is shown when the block exports it or draws it itself; a piece of one is code alone. */
const COMPONENT =
  /^\s*export\s+(?:default\b|(?:async\s+)?(?:const|let|var|function|class)\s+[A-Z])|^\s*export\s*\{[^}]*\b(?:default|[A-Z]\w*)\b|\bcreateRoot\s*\(/m;

const byLanguage: Record<string, Kind> = {
  html: "html",
  htm: "html",
  xhtml: "html",
  svg: "svg",
  md: "markdown",
  markdown: "markdown",
  mermaid: "mermaid",
};

/** What a block is a source of, by the language behind its fence, or as a whole document in another. */
export function kindOf(lang: string, code: string): Kind | undefined {
  const known = byLanguage[lang.toLowerCase()];
  if (known) return known;
  if (/^(?:jsx|tsx|react)$/i.test(lang)) return COMPONENT.test(code) ? "react" : undefined;
  if (/^\s*(?:<!doctype\s+html|<html[\s>])/i.test(code)) return "html";
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+svg[^>]*>\s*)?<svg[\s>]/i.test(code) ? "svg" : undefined;
}

const titles: Record<Kind, RegExp[]> = {
  html: [/<title[^>]*>([^<]+)<\/title>/i, /<h1[^>]*>([^<]+)<\/h1>/i],
  svg: [/<title[^>]*>([^<]+)<\/title>/i],
  markdown: [/^#\s+(.+)$/m],
  mermaid: [/^title:?\s+(.+)$/m],
  react: [
    /\bexport\s+default\s+(?:async\s+)?(?:(?:function|class)\s+|(?:[\w.]+\()*)([A-Z]\w*)/,
    /\bexport\s*\{[^}]*?\b([A-Z]\w*)\s+as\s+default\b/,
    /\bexport\s+(?:const|let|var|function|class)\s+([A-Z]\w*)/,
  ],
};
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };

/** By what the fence says, else by what the document calls itself; empty when neither does. */
export function titleOf(kind: Kind, info: string, code: string): string {
  const said = /\btitle="([^"]+)"/.exec(info)?.[1] ?? named(info);
  if (said) return said;
  const found = titles[kind].map((pattern) => pattern.exec(code)?.[1]).find(Boolean) ?? "";
  return found
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The file that the fence names. */
export function named(info: string): string {
  const name = fileName(info, "");
  return name.startsWith("code.") ? "" : name;
}

const SHEET =
  "html,body{height:100%;margin:0}body{display:grid;place-items:center}svg{max-width:100%;max-height:100vh}";

/** The document that the frame becomes. */
export function documentOf(kind: "html" | "svg", code: string): string {
  if (kind === "svg") return `<!doctype html><meta charset="utf-8"><style>${SHEET}</style>${code}`;
  return /^\s*<!doctype/i.test(code) ? code : `<!doctype html>${code}`;
}
