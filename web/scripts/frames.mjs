/** Puts the sandboxed frames into the build: classic scripts, because a module could not load from an opaque origin. */
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const web = new URL("../", import.meta.url);
const out = new URL("../src/freehold/web_dist/frames/", web);
const copied = {
  "mermaid.html": "frames/mermaid.html",
  "mermaid-frame.js": "frames/mermaid-frame.js",
  "mermaid.min.js": "node_modules/mermaid/dist/mermaid.min.js",
  "artifact.html": "frames/artifact.html",
  "tailwind.js": "node_modules/@tailwindcss/browser/dist/index.global.js",
};
/** The icons use the React of the other script. */
const bundled = {
  react: { entry: "frame.ts", external: [] },
  "react-icons": { entry: "icons.ts", external: ["react"] },
};

mkdirSync(out, { recursive: true });
for (const [name, source] of Object.entries(copied)) copyFileSync(new URL(source, web), new URL(name, out));
for (const [name, { entry, external }] of Object.entries(bundled))
  await build({
    root: fileURLToPath(web),
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    publicDir: false,
    build: {
      outDir: fileURLToPath(out),
      emptyOutDir: false,
      target: "es2023",
      lib: {
        entry: fileURLToPath(new URL(`src/features/artifacts/react/${entry}`, web)),
        formats: ["iife"],
        name: "built",
        fileName: () => `${name}.js`,
      },
      rolldownOptions: { external, output: { globals: { react: "React" } } },
    },
  });
