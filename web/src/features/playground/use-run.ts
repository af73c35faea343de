/** The last request of the page; a new one ends the one before. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Body, Dialect } from "./request";
import { carryOut, type Result } from "./run";

export function useRun() {
  const [result, setResult] = useState<Result | null>(null);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const run = useCallback((dialect: Dialect, request: Body) => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    return carryOut(dialect, request, control.signal, (told) => {
      if (running.current === control) setResult(told);
    });
  }, []);
  const stop = useCallback(() => running.current?.abort(), []);
  return { result, run, stop };
}
