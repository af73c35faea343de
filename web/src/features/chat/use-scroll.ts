import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { KEEPS_PLACE } from "./vicinity";

/** This close to the end counts as being there, in pixels. */
const AT_END = 60;

/**
 * Keeps the end in view while the reader is there, and nowhere else. A scroll upwards by hand lets go; reaching the end, or
 * `toEnd`, takes hold again.
 */
export function useFollowEnd(view: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>) {
  const following = useRef(true);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(
    (smooth = false) => {
      following.current = true;
      setAway(false);
      view.current?.scrollTo({ top: view.current.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    },
    [view],
  );

  useLayoutEffect(() => toEnd(), [toEnd]);

  useEffect(() => {
    const box = view.current;
    const sheet = content.current;
    if (!box || !sheet) return;
    let before = box.scrollTop;
    const onScroll = () => {
      const rest = box.scrollHeight - box.scrollTop - box.clientHeight;
      if (rest < AT_END) following.current = true;
      else if (box.scrollTop < before - 2) following.current = false;
      before = box.scrollTop;
      setAway(!following.current && rest >= AT_END);
    };
    const observer = new ResizeObserver(() => {
      if (!following.current) return onScroll();
      box.scrollTop = box.scrollHeight;
      before = box.scrollTop; // a scroll upwards may come before the event of this one
    });
    box.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(sheet);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [view, content]);

  /** The end is not followed any more: something else is looked at. */
  const letGo = useCallback(() => {
    following.current = false;
  }, []);

  return { away, toEnd, letGo };
}

/** How many messages have a place at once, and how many more each time the page rests. */
const FIRST = 24;
const MORE = 250;
const REST_MS = 200;

/**
 * From which message on a thread of `total` is there: the last few first, at least `least`, so that a long chat opens quickly;
 * soon all of them. The text in view stays put.
 */
export function useRest(view: RefObject<HTMLElement | null>, total: number, least: number): number {
  const [grown, setGrown] = useState(FIRST);
  const from = Math.max(0, total - Math.max(grown, least));
  const heightBefore = useRef<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: measured after each growth
  useLayoutEffect(() => {
    const box = view.current;
    if (!box || heightBefore.current === null) return;
    // at its very top also a browser that keeps the place does not
    if (!KEEPS_PLACE || box.scrollTop === 0) box.scrollTop += box.scrollHeight - heightBefore.current;
    heightBefore.current = null;
  }, [from, view]);

  useEffect(() => {
    if (from === 0) return setGrown(Number.POSITIVE_INFINITY);
    const grow = () => {
      heightBefore.current = view.current?.scrollHeight ?? null;
      setGrown(total - from + MORE);
    };
    const timer = setTimeout(grow, REST_MS);
    return () => clearTimeout(timer);
  }, [view, from, total]);

  return from;
}
