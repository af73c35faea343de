import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/**
 * Ships a small classic script under a hashed name and loads it first in <head>.
 *
 * It sets the theme and the language before anything is painted. The content security policy forbids inline
 * scripts and a module would run after the first paint, so it must be a file of its own.
 */
export function bootScript(path: string): Plugin {
  const read = () => readFileSync(path, "utf8");
  let building = false;
  let fileName = "";
  return {
    name: "freehold-boot-script",
    configResolved(config) {
      building = config.command === "build";
      fileName = `assets/boot-${createHash("sha256").update(read()).digest("hex").slice(0, 8)}.js`;
    },
    configureServer(server) {
      server.middlewares.use("/boot.js", (_request, response) => {
        response.setHeader("Content-Type", "text/javascript");
        response.end(read());
      });
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source: read() });
    },
    transformIndexHtml() {
      return [
        { tag: "script", attrs: { src: building ? `/${fileName}` : "/boot.js" }, injectTo: "head-prepend" },
      ];
    },
  };
}
