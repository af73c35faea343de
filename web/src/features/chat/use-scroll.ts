import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

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
      if (following.current) box.scrollTop = box.scrollHeight;
      else onScroll();
    });
    box.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(sheet);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [view, content]);

  return { away, toEnd };
}

/** Shows the last `step` items, and more each time the reader comes near the start; the text in view stays put. */
export function useWindow(view: RefObject<HTMLElement | null>, total: number, step: number) {
  const [size, setSize] = useState(step);
  const from = Math.max(0, total - size);
  const heightBefore = useRef<number | null>(null);
  const top = useRef<HTMLDivElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: measured after each growth
  useLayoutEffect(() => {
    const box = view.current;
    if (!box || heightBefore.current === null) return;
    box.scrollTop += box.scrollHeight - heightBefore.current;
    heightBefore.current = null;
  }, [size, view]);

  useEffect(() => {
    const mark = top.current;
    const box = view.current;
    if (!mark || !box || from === 0) return;
    const grow = () => {
      heightBefore.current = box.scrollHeight;
      setSize((count) => count + step);
    };
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && grow(), {
      root: box,
      rootMargin: "600px 0px 0px",
    });
    observer.observe(mark);
    return () => observer.disconnect();
  }, [view, from, step]);

  return { from, top };
}
