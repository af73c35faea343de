/** The parts of Pyodide, CPython for WebAssembly: the interpreter and the standard library, in this app's own build. */
import interpreter from "pyodide/pyodide.asm.mjs?url";
import wasm from "pyodide/pyodide.asm.wasm?url";
import loader from "pyodide/pyodide.mjs?url";
import library from "pyodide/python_stdlib.zip?url";

/** Under the names by which Pyodide asks for them. */
export const pyodideFiles = {
  "pyodide.mjs": loader,
  "pyodide.asm.mjs": interpreter,
  "pyodide.asm.wasm": wasm,
  "python_stdlib.zip": library,
};
