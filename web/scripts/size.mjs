/** Fails when the build is heavier than its budgets: first page, initial JavaScript, lazy chunks (gzip, bytes). */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const KB = 1000;
const BUDGET = { initialJs: 230 * KB, firstPage: 450 * KB, requests: 25, lazyChunk: 200 * KB };
/** Exempt by decision: Mermaid lives in its own frame, Shiki grammars are one file per language. */
const EXEMPT = /^(mermaid|lang-)/;
/** What the browser asks the server for on a first page besides files: session, settings, models, threads, live. */
const API_REQUESTS = 7;

const out = fileURLToPath(new URL("../../src/freehold/web_dist/", import.meta.url));
const assets = join(out, "assets");
const gzip = (path) => statSync(`${path}.gz`, { throwIfNoEntry: false })?.size ?? statSync(path).size;
const kb = (bytes) => `${(bytes / KB).toFixed(1)} kB`;

function staticImports(file) {
  const code = readFileSync(join(assets, file), "utf8");
  return [...code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)].map((match) => match[1]);
}

const html = readFileSync(join(out, "index.html"), "utf8");
const linked = [...html.matchAll(/(?:src|href)="\/(?:assets\/)?([^"]+)"/g)].map((match) => match[1]);
const locale = readdirSync(assets).find((file) => /^app-en-.*\.js$/.test(file));
const first = new Set();
const queue = [...linked, ...(locale ? [locale] : [])];
for (let file = queue.pop(); file; file = queue.pop()) {
  if (first.has(file)) continue;
  first.add(file);
  if (file.endsWith(".js")) queue.push(...staticImports(file));
}

/** A file of the page is hashed and in assets, or it has a name that stays: icons, the manifest. */
const pathOf = (file) => join(existsSync(join(assets, file)) ? assets : out, file);
const initialJs = [...first]
  .filter((file) => file.endsWith(".js"))
  .reduce((sum, file) => sum + gzip(pathOf(file)), 0);
const firstPage = [...first].reduce((sum, file) => sum + gzip(pathOf(file)), gzip(join(out, "index.html")));
const requests = first.size + 1 + API_REQUESTS;
const lazy = readdirSync(assets)
  .filter((file) => file.endsWith(".js") && !first.has(file))
  .map((file) => ({ file, size: gzip(join(assets, file)) }))
  .sort((a, b) => b.size - a.size);
const heavy = lazy.filter(({ file, size }) => size > BUDGET.lazyChunk && !EXEMPT.test(basename(file)));

const rows = [
  ["initial JavaScript", kb(initialJs), kb(BUDGET.initialJs), initialJs <= BUDGET.initialJs],
  ["first page, all files", kb(firstPage), kb(BUDGET.firstPage), firstPage <= BUDGET.firstPage],
  ["first page, requests", requests, BUDGET.requests, requests <= BUDGET.requests],
  [
    "largest lazy chunk",
    lazy[0] ? `${kb(lazy[0].size)} ${lazy[0].file}` : "-",
    kb(BUDGET.lazyChunk),
    heavy.length === 0,
  ],
];
for (const [name, is, budget, ok] of rows)
  console.log(`${ok ? "ok  " : "OVER"} ${name}: ${is} (budget ${budget})`);
for (const { file, size } of heavy) console.log(`     too heavy: ${file} ${kb(size)}`);
if (rows.some((row) => !row[3])) process.exit(1);
