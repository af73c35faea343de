import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { SmoothQueue } from "./smooth";

/** Not more often than this, in milliseconds; a slow machine draws less often still. */
const SHORTEST_FRAME_MS = 120;
const LONGEST_FRAME_MS = 200;
/** A drawing may take this part of the time between two drawings. */
const DUTY = 0.1;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const isCalm = () => calm.matches || document.documentElement.dataset.motion === "calm";

/**
 * The part of `text` to show now. A finished text is shown whole; one that ended while it was on screen is still let out
 * smoothly. `live` in the answer says that more is to come, from the stream or the queue.
 */
export function useSmoothText(text: string, live: boolean): { shown: string; live: boolean } {
  const [length, setLength] = useState(text.length);
  const target = useRef(text);
  target.current = text;
  const wasLive = useRef(live);
  if (live) wasLive.current = true;
  const running = wasLive.current && !isCalm() && (live || length < text.length);
  const startedAt = useRef(0);
  const cost = useRef(0);

  useLayoutEffect(() => {
    if (startedAt.current > 0)
      cost.current = 0.7 * cost.current + 0.3 * (performance.now() - startedAt.current);
    startedAt.current = 0;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the queue starts where the screen is and then runs by itself
  useEffect(() => {
    if (!running) return;
    const queue = new SmoothQueue(Math.min(length, target.current.length));
    let last = performance.now();
    let timer = 0;
    // timers, not animation frames: those would be asked for and paid for even when nothing is drawn
    const later = () => {
      const wait = Math.min(LONGEST_FRAME_MS, Math.max(SHORTEST_FRAME_MS, cost.current / DUTY));
      timer = window.setTimeout(draw, wait);
    };
    const draw = () => {
      const now = performance.now();
      const next = queue.advance(target.current, now - last);
      last = now;
      startedAt.current = now;
      setLength((before) => {
        if (before === next) startedAt.current = 0;
        return next;
      });
      later();
    };
    later();
    return () => window.clearTimeout(timer);
  }, [running]);

  const shown = running ? text.slice(0, Math.min(length, text.length)) : text;
  return { shown, live: running };
}
