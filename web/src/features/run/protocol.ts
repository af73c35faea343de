/** What the app, the sandboxed frame and the worker in it say to each other about one run of a code block. */

export type Language = "javascript" | "python";

/** Longer than this no code runs, in milliseconds; what is loaded before does not count. */
export const LIMIT_MS = 10_000;
/** Not more of what the code prints is kept, in characters. */
export const OUTPUT_LIMIT = 200_000;

/** What a run says, in JSON: its parts are counted by whoever passes it on. */
export type Word =
  /** All is loaded and the code begins. */
  | { type: "began" }
  | { type: "out"; stream: "out" | "err"; text: string }
  /** More was printed than is kept. */
  | { type: "cut" }
  | { type: "ended"; value?: string }
  | { type: "failed"; message: string; line?: number };

export interface Job {
  code: string;
  /** What the language needs besides the worker, by name. */
  files: Record<string, ArrayBuffer>;
}

/** A job as it reaches the worker. */
export interface Order extends Job {
  port: MessagePort;
}
