import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin, Rolldown } from "vite";

const PREFIX = "freehold-shell-";
/** Files of `public/`, which are no part of the bundle. */
const PUBLIC = ["/manifest.webmanifest", "/favicon.svg", "/favicon-news.svg", "/icons/192.png"];
/** Fetched when they are needed and kept then: one grammar for each language that code is written in. */
const RARE = /@shikijs|pyodide/;

type File = Rolldown.OutputChunk | Rolldown.OutputAsset;

/** What opens the app and every page of it. */
function opensApp(file: File): boolean {
  if (file.type === "chunk") return !file.moduleIds.some((id) => RARE.test(id));
  return /\.(css|woff2)$|\/boot-/.test(file.fileName);
}

/** Ships the service worker under the name that gives it the whole site, with the list of the files that it keeps. */
export function serviceWorker(path: string): Plugin {
  return {
    name: "freehold-service-worker",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const all: File[] = Object.values(bundle);
        const entry = all.find((file) => file.type === "chunk" && file.isEntry)?.fileName;
        const files = [
          ...all
            .filter(opensApp)
            .map((file) => `/${file.fileName}`)
            .sort(),
          ...PUBLIC,
        ];
        // names with a hash stand for what is in them, the others do not
        const hash = createHash("sha256").update(readFileSync(path)).update(files.join());
        for (const file of PUBLIC) hash.update(readFileSync(`public${file}`));
        const page = bundle["index.html"];
        if (page?.type === "asset") hash.update(page.source);
        const name = PREFIX + hash.digest("hex").slice(0, 12);
        const shell = JSON.stringify({ name, prefix: PREFIX, entry: `/${entry}`, files });
        const source = readFileSync(path, "utf8").replace("= __SHELL__", () => `= ${shell}`);
        this.emitFile({ type: "asset", fileName: "service-worker.js", source });
      },
    },
  };
}
