/**
 * Writes a .br and a .gz beside every text file of the build, so the server never compresses at run time. The interpreter of Python
 * is 10 MB: it gets a .br alone, which every browser takes over https, at a quality that costs seconds and not a minute.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const out = fileURLToPath(new URL("../../src/freehold/web_dist/", import.meta.url));
const text = /\.(js|css|html|svg|json|webmanifest|txt|mjs|wasm)$/;

for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = readFileSync(path);
  const large = entry.name.endsWith(".wasm");
  const br = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: large ? 9 : 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(`${path}.br`, br);
  if (!large) writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
