/** Makes a script of a module with JSX and types. Lines stay where they are, so that errors can name them. */
import { transform } from "sucrase";
import { SOURCE, type Trouble } from "./trouble";

/** The parts of an error of the parser: `Error transforming artifact.tsx: Unexpected token (3:14)`. */
const FAULT = /^(?:Error transforming [^:]*: )?([\s\S]*?)(?: \((\d+):\d+\))?$/;

/** The body of a function of `require`, `module` and `exports`; or what is wrong with the code. */
export function compile(source: string): string | Trouble {
  try {
    return transform(source, {
      transforms: ["typescript", "jsx", "imports"],
      jsxRuntime: "automatic",
      production: true,
      filePath: SOURCE,
    }).code;
  } catch (error) {
    const [, message = "", at] = FAULT.exec(error instanceof Error ? error.message : String(error)) ?? [];
    return { kind: "syntax", message, line: at ? Number(at) : undefined };
  }
}
