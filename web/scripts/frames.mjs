/** Puts the sandboxed frames into the build: classic scripts, because a module could not load from an opaque origin. */
import { copyFileSync, mkdirSync } from "node:fs";

const web = new URL("../", import.meta.url);
const out = new URL("../src/freehold/web_dist/frames/", web);
mkdirSync(out, { recursive: true });
copyFileSync(new URL("frames/mermaid.html", web), new URL("mermaid.html", out));
copyFileSync(new URL("frames/mermaid-frame.js", web), new URL("mermaid-frame.js", out));
copyFileSync(new URL("node_modules/mermaid/dist/mermaid.min.js", web), new URL("mermaid.min.js", out));
copyFileSync(new URL("frames/artifact.html", web), new URL("artifact.html", out));
