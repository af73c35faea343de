import { fileURLToPath } from "node:url";
import { lingui } from "@lingui/vite-plugin";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Rolldown } from "vite";
import { bootScript } from "./plugins/boot-script.ts";
import { katexWoff2 } from "./plugins/katex-woff2.ts";
import { serviceWorker } from "./plugins/service-worker.ts";

const src = fileURLToPath(new URL("./src", import.meta.url));
const backend = process.env.FREEHOLD_DEV_BACKEND ?? "http://127.0.0.1:3210";

/** Catalogues and Shiki grammars get names that say what they are. */
function chunkFileNames({ facadeModuleId }: { facadeModuleId: string | null }): string {
  const catalogue = facadeModuleId?.match(/locales\/([\w-]+)\/(\w+)\.po/);
  if (catalogue) return `assets/${catalogue[2]}-${catalogue[1]}-[hash].js`;
  if (facadeModuleId?.includes("@shikijs/langs")) return "assets/lang-[name]-[hash].js";
  return "assets/[name]-[hash].js";
}

/**
 * What every page needs, in three files that are fetched together; and what is needed later by many, in one file each: shared
 * modules would otherwise become a dozen small ones, and each is a request.
 */
const groups: Rolldown.CodeSplittingGroup[] = [
  {
    name: "react",
    test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/,
    tags: ["$initial"],
    priority: 6,
  },
  { name: "libraries", test: /node_modules[\\/]/, tags: ["$initial"], priority: 5 },
  { name: "shell", tags: ["$initial"], priority: 4 },
  { name: "icons", test: /node_modules[\\/]lucide-react/, priority: 3 },
  {
    name: "floating",
    test: /node_modules[\\/]@base-ui|src[\\/]components[\\/]ui[\\/]floating[\\/]/,
    priority: 2,
  },
  { name: "welcome", test: /src[\\/]features[\\/]onboarding[\\/](?!setup)/, priority: 1 },
  // what draws any text comes together, be it drawn, read out or searched for artifacts
  {
    name: "markdown",
    test: /src[\\/]features[\\/](markdown[\\/](markdown\.tsx|lex)|artifacts[\\/]collect)/,
    priority: 1,
  },
  // without what would bring everything that floats with it
  { name: "parts", test: /src[\\/](components|lib|api|app)[\\/](?!ui[\\/](tabs|switch))/, minShareCount: 2 },
];

export default defineConfig({
  plugins: [
    react(),
    lingui({ macroTransform: true, failOnCompileError: true }),
    tailwindcss(),
    bootScript("src/boot.js"),
    katexWoff2(),
    serviceWorker("src/service-worker.js"),
  ],
  resolve: { alias: { "@": src } },
  build: {
    outDir: "../src/freehold/web_dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      output: { chunkFileNames, codeSplitting: { groups } },
    },
  },
  worker: { format: "es", rolldownOptions: { output: { chunkFileNames } } },
  server: { proxy: { "/api": { target: backend, ws: true } } },
});
