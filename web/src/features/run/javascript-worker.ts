/** Runs one JavaScript block as a script, in the sandboxed frame. The run is over when no timer of the script is left. */
import { consoleFor } from "./javascript-console";
import { describe, lineOf, NAME, show } from "./javascript-values";
import type { Order } from "./protocol";
import { Writer } from "./writer";

/** What was set off without a timer has so long to end, in milliseconds. */
const SETTLING_MS = 20;

// kept before any code of others runs that could put its own in their place
const { setTimeout: later, clearTimeout: cancel, setInterval: every } = globalThis;
// biome-ignore lint/security/noGlobalEval: running what it is given is what this worker is for, and the sandbox is around it
const compile = globalThis.eval;
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

self.onmessage = ({ data }: MessageEvent<Order>) => {
  self.onmessage = null;
  void new Run(new Writer(data.port)).start(data.code);
};

class Run {
  private readonly timers = new Set<unknown>();
  private value: string | undefined;
  private finished = false;
  private over = false;

  constructor(private readonly writer: Writer) {}

  async start(code: string): Promise<void> {
    const scope = globalThis as unknown as Record<string, unknown>;
    scope.console = consoleFor(this.writer);
    this.countTimers(scope);
    self.addEventListener("error", (event) => {
      event.preventDefault();
      this.fail(event.error ?? event.message);
    });
    self.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.fail(event.reason);
    });
    this.writer.began();
    try {
      const value = await this.evaluate(code);
      if (value !== undefined) this.value = show(value);
      this.finished = true;
      this.settle();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The value of the last statement, as in a browser's console; with `await` outside of functions, what it returns. */
  private async evaluate(code: string): Promise<unknown> {
    const named = `\n//# sourceURL=${NAME}`;
    try {
      return await compile(code + named);
    } catch (error) {
      if (!(error instanceof SyntaxError) || (error.stack ?? "").includes(NAME)) throw error;
      if (!parses(code)) throw await located(error, code);
      return compile(`(async () => {${code}\n})()${named}`);
    }
  }

  private countTimers(scope: Record<string, unknown>): void {
    const call = (what: unknown, given: unknown[]) =>
      typeof what === "function" ? what(...given) : compile(String(what));
    scope.setTimeout = (what: unknown, ms?: number, ...given: unknown[]) => {
      const id = later(() => {
        this.timers.delete(id);
        this.settle();
        call(what, given);
      }, ms);
      this.timers.add(id);
      return id;
    };
    scope.setInterval = (what: unknown, ms?: number, ...given: unknown[]) => {
      const id = every(() => call(what, given), ms);
      this.timers.add(id);
      return id;
    };
    const clear = (id: unknown) => {
      cancel(id as number);
      this.timers.delete(id);
      this.settle();
    };
    scope.clearTimeout = clear;
    scope.clearInterval = clear;
  }

  private settle(): void {
    if (!this.finished) return;
    later(() => {
      if (this.over || this.timers.size > 0) return;
      this.over = true;
      this.writer.ended(this.value);
    }, SETTLING_MS);
  }

  private fail(error: unknown): void {
    if (this.over) return;
    this.over = true;
    this.writer.failed(describe(error), lineOf(error));
  }
}

/** Whether `code` is well-formed within an asynchronous function. Does not run it. */
function parses(code: string): boolean {
  try {
    new AsyncFunction(code);
    return true;
  } catch {
    return false;
  }
}

/** The engine tells where code is malformed only to whoever loads it as a script: a worker, which then does not begin. */
function located(error: SyntaxError, code: string): Promise<SyntaxError> {
  return new Promise((resolve) => {
    const whole = /\bawait\b/.test(code) ? `(async () => {${code}\n})()` : code;
    const probe = new Worker(URL.createObjectURL(new Blob([whole], { type: "text/javascript" })));
    const end = (found: SyntaxError) => {
      probe.terminate();
      resolve(found);
    };
    probe.onerror = (event) => {
      event.preventDefault();
      const message = event.message?.replace(/^Uncaught SyntaxError: /, "") || error.message;
      const stack = event.lineno
        ? `SyntaxError: ${message}\n    at ${NAME}:${event.lineno}:${event.colno}`
        : "";
      end(Object.assign(new SyntaxError(message), { stack }));
    };
    later(() => end(error), 1000);
  });
}
