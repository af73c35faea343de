/**
 * Runs one Python block, in the sandboxed frame, whose policy allows no request: Pyodide gets its parts from the order instead, and
 * finds no packages besides the standard library.
 */
import type { loadPyodide } from "pyodide";
import { info } from "pyodide/pyodide-lock.json";
import type { Order } from "./protocol";
import runner from "./runner.py?raw";
import { type Stream, Writer } from "./writer";

/** Python gets no more memory, in bytes; a browser would give it four times as much. */
const MEMORY_LIMIT = 2 ** 30;
/** Any address does; nothing is asked there. */
const NOWHERE = "https://pyodide.invalid/";

self.onmessage = ({ data }: MessageEvent<Order>) => {
  self.onmessage = null;
  const writer = new Writer(data.port);
  start(data, writer).catch((error) => writer.failed(String(error)));
};

async function start({ code, files }: Order, writer: Writer): Promise<void> {
  const python = await load(files);
  for (const stream of ["out", "err"] as Stream[]) {
    const decoder = new TextDecoder();
    const write = (bytes: Uint8Array) => {
      writer.write(stream, decoder.decode(bytes, { stream: true }));
      return bytes.length;
    };
    if (stream === "out") python.setStdout({ write });
    else python.setStderr({ write });
  }
  // nobody is there to type: input() says so
  python.setStdin({ stdin: () => null });
  // in a namespace of its own: the block's is __main__, and empty
  const run = python.runPython(runner, { globals: python.toPy({ __name__: "runner" }) });
  writer.began();
  const [value, error, line] = (await run(code)).toJs();
  if (error == null) writer.ended(value ?? undefined);
  else writer.failed(error, line ?? undefined);
}

async function load(files: Order["files"]) {
  const module = (name: string) => {
    const script = new Blob([files[name] ?? ""], { type: "text/javascript" });
    return import(/* @vite-ignore */ URL.createObjectURL(script));
  };
  const [loader, interpreter] = await Promise.all([module("pyodide.mjs"), module("pyodide.asm.mjs")]);
  limitMemory();
  // Pyodide wants no worker that has it; here it could load nothing anyway
  Object.assign(globalThis, { importScripts: undefined });
  const { fetch } = globalThis;
  globalThis.fetch = async (address) => {
    const name = String(address).replace(NOWHERE, "");
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(files[name] ?? null, {
      status: files[name] ? 200 : 404,
      headers: { "Content-Type": type },
    });
  };
  const python = await (loader.loadPyodide as typeof loadPyodide)({
    indexURL: NOWHERE,
    createPyodideModule: interpreter.default,
    lockFileContents: { info, packages: {} } as never,
    packageBaseUrl: NOWHERE,
  });
  globalThis.fetch = fetch;
  return python;
}

/** Python then says MemoryError, before the browser ends the whole frame. */
function limitMemory(): void {
  const PAGE = 65_536;
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number) {
    if (this.buffer.byteLength + pages * PAGE > MEMORY_LIMIT)
      throw new RangeError("The memory limit is reached.");
    return grow.call(this, pages);
  };
}
