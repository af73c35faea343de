import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useState } from "react";
import type { Message } from "@/api/types";
import { type Mark, marksOf } from "./marks";

/** Fewer questions than this are found without help. */
const ENOUGH = 4;
/** More marks would stand too close to be hit; then one stands for several questions. */
const MOST = 48;

interface RailProps {
  view: RefObject<HTMLElement | null>;
  messages: Message[];
}

/** A mark for each question beside the chat: what it asks when one points at it, and the way there. */
export function Rail({ view, messages }: RailProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const marks = useMemo(() => marksOf(messages, MOST), [messages]);
  const at = usePlace(view, marks);
  if (marks.length < ENOUGH) return null;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const now = buttons.indexOf(event.target as HTMLButtonElement);
    const next = { ArrowUp: now - 1, ArrowDown: now + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[next]?.focus();
  };
  return (
    <nav className="rail" aria-label={t`Questions of this chat`} onKeyDown={onKeyDown}>
      {marks.map(({ id, words, more }, index) => (
        <button
          key={id}
          type="button"
          className="rail-mark"
          tabIndex={index === Math.max(0, at) ? 0 : -1}
          aria-label={more ? t`${words} (and ${more} more)` : words}
          aria-current={index === at ? "location" : undefined}
          data-tip="right"
          onClick={() => void navigate({ to: ".", search: { message: id }, replace: true })}
        />
      ))}
    </nav>
  );
}

/** The mark of the question that one reads: the last one above the middle of the view. */
function usePlace(view: RefObject<HTMLElement | null>, marks: Mark[]): number {
  const [at, setAt] = useState(-1);
  useEffect(() => {
    const box = view.current;
    if (!box || marks.length < ENOUGH) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      const { top, height } = box.getBoundingClientRect();
      setAt(
        marks.findLastIndex(({ id }) => {
          const article = box.querySelector(`[data-message="${id}"]`);
          return article !== null && article.getBoundingClientRect().top < top + height / 2;
        }),
      );
    };
    const onScroll = () => {
      frame ||= requestAnimationFrame(look);
    };
    onScroll();
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      box.removeEventListener("scroll", onScroll);
    };
  }, [view, marks]);
  return at;
}
