/** One code block's runs: the last one's output and how it stands. */
import { useCallback, useEffect, useRef, useState } from "react";
import { type Language, LIMIT_MS, OUTPUT_LIMIT } from "./protocol";
import { type Heard, run } from "./sandbox";

export interface Piece {
  stream: "out" | "err";
  text: string;
}

export type State = "loading" | "running" | "ended" | "failed" | "stopped" | "late" | "unavailable";

export interface Result {
  state: State;
  output: Piece[];
  cut: boolean;
  value?: string;
  /** What went wrong, in the language's own words. */
  error?: string;
  line?: number;
  /** How long the code ran. */
  seconds?: number;
}

/** What is printed is drawn this often, in milliseconds. */
const DRAW_MS = 60;
const NOTHING: Result = { state: "loading", output: [], cut: false };

/** Runs `code` once for each `times`; `stop` ends the run there is. */
export function useRun(
  language: Language,
  code: string,
  times: number,
): { result: Result; stop: () => void } {
  const [result, setResult] = useState(NOTHING);
  const halt = useRef<() => void>(() => {});
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is run is the block as it stood when it was asked for
  useEffect(() => {
    let now: Result = { ...NOTHING };
    let began = 0;
    let timer = 0;
    const draw = () => {
      window.clearTimeout(timer);
      timer = 0;
      setResult(now);
    };
    const become = (state: State, more: Partial<Result> = {}) => {
      const seconds = began ? Math.min(performance.now() - began, LIMIT_MS) / 1000 : undefined;
      now = { ...now, ...more, state, seconds };
      draw();
    };
    draw();
    const end = run(language, code, (word) => {
      if (word.type === "began") began = performance.now();
      now = add(now, word);
      if (word.type === "began") draw();
      else if (word.type === "ended") become("ended", { value: text(word.value) });
      else if (word.type === "failed")
        become("failed", { error: text(word.message) ?? "", line: lineOf(word.line) });
      else if (word.type === "late") become("late");
      else if (word.type === "unavailable") become("unavailable", { error: word.reason });
      else timer ||= window.setTimeout(draw, DRAW_MS);
    });
    halt.current = () => {
      end();
      become("stopped");
    };
    return () => {
      window.clearTimeout(timer);
      end();
    };
  }, [times]);
  const stop = useCallback(() => halt.current(), []);
  return { result, stop };
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
const lineOf = (value: unknown) => (typeof value === "number" ? value : undefined);

/** Neighbours of one stream become one piece. */
function add(result: Result, word: Heard): Result {
  if (word.type === "began") return { ...result, state: "running" };
  if (word.type === "cut") return { ...result, cut: true };
  if (word.type !== "out") return result;
  const { output } = result;
  const left = OUTPUT_LIMIT - output.reduce((sum, piece) => sum + piece.text.length, 0);
  const added: Piece = {
    stream: word.stream === "err" ? "err" : "out",
    text: String(word.text).slice(0, left),
  };
  const last = output.at(-1);
  const merged = last?.stream === added.stream ? { ...added, text: last.text + added.text } : null;
  return { ...result, output: merged ? [...output.slice(0, -1), merged] : [...output, added] };
}
