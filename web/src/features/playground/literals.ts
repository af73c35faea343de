/** JSON values as Python and JavaScript write them. */
import type { Json } from "./request";

const WIDTH = 88;

interface Language {
  word: (value: null | boolean) => string;
  name: (name: string) => string;
  indent: string;
}

const PYTHON: Language = {
  word: (value) => (value === null ? "None" : value ? "True" : "False"),
  name: (name) => JSON.stringify(name),
  indent: "    ",
};
const JAVASCRIPT: Language = {
  word: String,
  name: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)),
  indent: "  ",
};

export const python = (value: Json, depth = 0) => write(value, PYTHON, depth);
export const javascript = (value: Json, depth = 0) => write(value, JAVASCRIPT, depth);

/** On one line where it is short, else one item to a line. JSON's strings are those of both languages. */
function write(value: Json, language: Language, depth: number): string {
  if (value === null || typeof value === "boolean") return language.word(value);
  if (typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const items = list
    ? value.map((item) => write(item, language, depth + 1))
    : Object.entries(value).map(
        ([name, item]) => `${language.name(name)}: ${write(item ?? null, language, depth + 1)}`,
      );
  const [open, close] = list ? "[]" : "{}";
  const inside = !list && items.length && language === JAVASCRIPT ? " " : "";
  const line = `${open}${inside}${items.join(", ")}${inside}${close}`;
  if (!line.includes("\n") && line.length + depth * language.indent.length < WIDTH) return line;
  const before = language.indent.repeat(depth + 1);
  return `${open}\n${items.map((item) => `${before}${item},\n`).join("")}${language.indent.repeat(depth)}${close}`;
}
