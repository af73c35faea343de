/** Every accent, every colouring of code, in both themes: WCAG 2.2 AA, 4.5 for text and 3 for edges and focus. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = ["tokens", "look"].map((name) => readFileSync(new URL(`./${name}.css`, import.meta.url), "utf8")).join("\n");

/** The custom properties of <html> with these attributes, as the cascade leaves them. */
function roles(attributes: Record<string, string>): Map<string, string> {
  const found = new Map<string, string>();
  const plain = css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@media[^{]*\{[^{}]*\{[^{}]*\}\s*\}/g, "");
  const rules = [...plain.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selectors = "", block = ""]) => ({
    selectors: selectors.split(",").map((one) => one.trim()),
    block,
  }));
  const fits = (selector: string) =>
    /^(:root|(\[[\w-]+="[\w-]+"\])+)$/.test(selector) &&
    [...selector.matchAll(/\[data-([\w-]+)="([\w-]+)"\]/g)].every(([, name = "", value]) => attributes[name] === value);
  for (const weight of [1, 2])
    for (const { selectors, block } of rules) {
      const matching = selectors.filter(fits);
      if (!matching.some((one) => (one.split("[").length - 1 || 1) === weight)) continue;
      for (const [, name = "", value = ""] of block.matchAll(/(--[\w-]+):\s*([^;]+);/g)) found.set(name, value.trim());
    }
  return found;
}

function luminance(all: Map<string, string>, name: string): number {
  let value = all.get(name) ?? "";
  for (let link = /^var\((--[\w-]+)\)$/.exec(value); link; link = /^var\((--[\w-]+)\)$/.exec(value))
    value = all.get(link[1] ?? "") ?? "";
  expect(value, name).toMatch(/^#[0-9a-f]{6}$/);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(value.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const PAIRS: [string, string, number][] = [
  ...["background", "card", "popover", "muted", "primary-soft"].map((on): [string, string, number] => ["primary-text", on, 4.5]),
  ["primary-foreground", "primary", 4.5],
  ["primary-foreground", "primary-hover", 4.5],
  ...["background", "card", "popover", "muted", "sidebar-background"].map((on): [string, string, number] => ["ring", on, 3]),
  ["foreground", "selection", 4.5],
  ["chart-5", "card", 3],
  ...["keyword", "string", "number", "function", "comment"].map((kind): [string, string, number] => [`code-${kind}`, "muted", 4.5]),
];

for (const theme of ["light", "dark"])
  for (const accent of ["pine", "lagoon", "heather", "plum", "ink"])
    for (const code of ["house", "github", "mono"])
      test(`${theme}, ${accent}, code in ${code}`, () => {
        const all = roles({ theme, accent, code });
        if (accent !== "pine") expect(all.get("--pine-700")).not.toBe("#1f5d43");
        for (const [text, ground, least] of PAIRS) {
          const [light = 0, dark = 0] = [luminance(all, `--${text}`), luminance(all, `--${ground}`)].sort((a, b) => b - a);
          expect((light + 0.05) / (dark + 0.05), `${text} on ${ground}`).toBeGreaterThanOrEqual(least);
        }
      });
