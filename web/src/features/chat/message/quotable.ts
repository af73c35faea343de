/** What is selected in a message, as it would be written: formulas in TeX, tables in rows, code in a fence. */

const FORMULA = ".math, .math-inline";
const SPECIAL = `${FORMULA}, .code, table`;
const BLOCKS = /^(?:P|H[1-6]|UL|OL|LI|BLOCKQUOTE|DIV|HR|PRE|SECTION)$/;

/** The words of a selection; `said` is what the browser makes of them, which is right where it is text alone. */
export function quotable(range: Range, said: string): string {
  const at = range.commonAncestorContainer;
  const element = at instanceof Element ? at : at.parentElement;
  const around = element?.closest(SPECIAL);
  if (around?.matches(FORMULA)) return written(around, null);
  const holds = [...(element?.querySelectorAll(SPECIAL) ?? [])].some((part) => range.intersectsNode(part));
  // a piece of one line of code or of one cell is words like any others
  const cell = element?.closest("td, th");
  const line = around?.matches(".code") && !said.trim().includes("\n");
  if (!holds && (!around || cell || line)) return said;
  const text = around && !cell ? written(around, range) : inside(at, range);
  return text.replace(/\n{3,}/g, "\n\n").trim();
}

/** A node in Markdown: what `range` holds of it, or all of it. */
function written(node: Node, range: Range | null): string {
  if (range && !range.intersectsNode(node)) return "";
  if (node instanceof Text) return range ? piece(node, range) : node.data;
  if (!(node instanceof Element) || node.matches("button, svg, .code-head, .visually-hidden")) return "";
  if (node.matches(FORMULA)) return formula(node);
  if (node.matches(".code")) return fence(node, range);
  if (node.matches("table")) return `\n\n${table(node, range)}\n\n`;
  if (node.matches("br")) return "\n";
  const text = inside(node, range);
  if (node.matches("code")) return text && `\`${text}\``;
  if (node.matches("li")) return `\n${text.trim()}\n`;
  return BLOCKS.test(node.tagName) ? `\n\n${text}\n\n` : text;
}

function inside(node: Node, range: Range | null): string {
  if (node instanceof Text) return written(node, range);
  return [...node.childNodes].map((child) => written(child, range)).join("");
}

function piece(text: Text, range: Range): string {
  const from = text === range.startContainer ? range.startOffset : 0;
  const to = text === range.endContainer ? range.endOffset : text.length;
  return text.data.slice(from, to);
}

/** KaTeX keeps what it drew from; before it came, the source itself stands there. */
function formula(element: Element): string {
  const source = element.querySelector("annotation") ?? element;
  const tex = (source.textContent ?? "").trim();
  return element.matches(".math") ? `\n\n$$\n${tex}\n$$\n\n` : `$${tex}$`;
}

function fence(element: Element, range: Range | null): string {
  const lines = element.querySelector("pre > code");
  const code = lines ? inside(lines, range).replace(/^\n+|\s+$/g, "") : "";
  if (!code) return "";
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `\n\n${ticks}${element.getAttribute("data-lang") ?? ""}\n${code}\n${ticks}\n\n`;
}

/** The rows of which anything is selected, below their head. */
function table(element: Element, range: Range | null): string {
  const rows = [...element.querySelectorAll("tr")];
  const kept = rows.filter((row, at) => at === 0 || !range || range.intersectsNode(row));
  const [head = "", ...rest] = kept.map((row) => {
    const cells = [...row.children].map((cell) => inside(cell, null).replace(/\s+/g, " ").trim());
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const line = `|${" --- |".repeat(rows[0]?.children.length ?? 1)}`;
  return [head, line, ...rest].join("\n");
}
