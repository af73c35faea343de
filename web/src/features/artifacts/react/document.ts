/** The document that a frame becomes for a component: everything is written into it, because a frame loads nothing. */
import { loadFile } from "@/api/assets";
import { compile } from "./compile";
import paper from "./paper.css?raw";
import plain from "./plain.css?raw";
import { SOURCE, type Trouble } from "./trouble";

/** Dark where `data-theme` says so, as in the app. */
const TAILWIND =
  '@import "tailwindcss";@custom-variant dark (&:where([data-theme=dark], [data-theme=dark] *));';

/** A class that only Tailwind knows, such as `p-4`, `text-lg` or `bg-slate-100`. */
const CLASSES =
  /["'`\s:](?:[mp][trblxyse]?|gap|[wh]|space-[xy]|grid-cols|size)-(?:\d|full|auto|screen)|["'`\s:](?:text-(?:xs|sm|base|lg|\d?xl|center)|(?:bg|text|border|from|to)-[a-z]+-\d{2,3}|(?:bg|text)-(?:white|black)|min-h-screen|font-(?:medium|semibold|bold)|rounded-(?:sm|md|lg|\d?xl|full)|items-center|justify-(?:center|between))\b/;

/** Colours that a component sets itself, and a word that it knows of the dark. */
const COLOURS =
  /#[\da-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|["'\s:](?:white|black)\b|\b(?:bg|text)-(?:white|black|[a-z]+-\d{2,3})\b/i;
const DARK = /\bdark\b|color-scheme|light-dark/i;

export const usesTailwind = (code: string) => /\bclassName=/.test(code) && CLASSES.test(code);

/** What has colours for light paper alone stays on it. */
export const followsTheme = (code: string) => !COLOURS.test(code) || DARK.test(code);

const files = new Map<string, Promise<string>>();

/** The text of a script of the build, loaded once. */
function script(name: string): Promise<string> {
  const known =
    files.get(name) ?? loadFile(`/frames/${name}.js`).then((bytes) => new TextDecoder().decode(bytes));
  files.set(name, known);
  known.catch(() => files.delete(name));
  return known;
}

/** The document, or why there is none. */
export async function documentOf(code: string, theme: "light" | "dark"): Promise<string | Trouble> {
  const compiled = compile(code);
  if (typeof compiled !== "string") return compiled;
  const tailwind = usesTailwind(code);
  const names = ["react"];
  if (/["']lucide-react["']/.test(code)) names.push("react-icons");
  if (tailwind) names.push("tailwind");
  const scripts = await Promise.all(names.map(script)).catch(() => null);
  if (!scripts) return { kind: "unavailable" };
  // a line of its own would move the lines that errors name
  scripts.push(
    `freehold.start(function (require, module, exports) {${compiled}\n})\n//# sourceURL=${SOURCE}`,
  );
  return `<!doctype html><html data-theme="${followsTheme(code) ? theme : "light"}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><style>${paper}${tailwind ? "" : plain}</style>
${tailwind ? `<style type="text/tailwindcss">${TAILWIND}</style>` : ""}<div id="root"></div>
<script>for (const code of ${inScript(scripts)}) {
  const script = document.createElement("script");
  script.textContent = code;
  document.body.append(script);
}</script>`;
}

/** As a literal that cannot end the script it stands in, whatever is in it. */
const inScript = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");
