/** What each language is run by: the address of its worker, and of the files that go to it. */
import type { Language } from "./protocol";

interface Runtime {
  worker: string;
  files: Record<string, string>;
}

export const runtimes: Record<Language, () => Promise<Runtime>> = {
  javascript: async () => ({
    worker: (await import("./javascript-worker.ts?worker&url")).default,
    files: {},
  }),
  python: async () => ({
    worker: (await import("./python-worker.ts?worker&url")).default,
    files: (await import("./pyodide")).pyodideFiles,
  }),
};
