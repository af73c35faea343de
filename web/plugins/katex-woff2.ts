import type { Plugin } from "vite";

/** KaTeX's style sheet names each font three times; every browser this app runs in takes the first, WOFF2. */
export function katexWoff2(): Plugin {
  return {
    name: "freehold-katex-woff2",
    enforce: "pre",
    transform(code, id) {
      if (!/katex(\.min)?\.css/.test(id)) return undefined;
      return code.replace(/,\s*url\([^)]+\.(?:woff|ttf)\)\s*format\("[^"]+"\)/g, "");
    },
  };
}
