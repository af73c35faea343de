import { useLingui } from "@lingui/react/macro";
import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Message, Thread } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { showBranch } from "./actions";
import { setCollapsed } from "./message/collapse";

/** Messages that are there above the one jumped to. */
const ABOVE = 8;
/** Above it answers are still being laid out for so long; it stays where it is unless the reader scrolls. */
const SETTLE_MS = 1200;
const SHOWN_MS = 2600;

/**
 * Goes to the message in the address (`?message=`): shows the branch that it is on, scrolls to it, and lets it light up.
 * Once something is `sending` it is left. `least` is how many messages must be there from the end for it to be among them.
 */
export function useJump(
  thread: Thread,
  messages: Message[],
  shown: Message[],
  letGo: () => void,
  sending: boolean,
): { id: string | undefined; least: number } {
  const { t } = useLingui();
  const report = useReport();
  const id = useSearch({ strict: false, select: ({ message }) => message });
  const visit = useLocation({ select: ({ state }) => state.__TSR_key });
  const at = id ? shown.findIndex((message) => message.id === id) : -1;
  const known = id !== undefined && messages.some((message) => message.id === id);
  const hidden = known && at < 0;
  const threadId = thread.id;
  const navigate = useNavigate();

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each visit, whatever is shown afterwards
  useEffect(() => {
    if (!id) return;
    if (!known) toast(t`This message is not here any more.`);
    else if (hidden) showBranch(threadId, id).catch(report);
  }, [id, visit, threadId]);

  const there = at >= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `visit` is what makes the same message light up again
  useEffect(() => {
    if (!id || !there) return;
    setCollapsed(id, false);
    letGo();
    return lightUp(id);
  }, [id, visit, there, letGo]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: when it is sent; a jump while it goes out is another wish
  useEffect(() => {
    if (sending && id) void navigate({ to: ".", search: {}, replace: true });
  }, [sending]);

  return { id, least: at < 0 ? 0 : shown.length - at + ABOVE };
}

/** Keeps the message in view while the page settles. Returns what ends that. */
function lightUp(id: string): (() => void) | undefined {
  const article = document.querySelector<HTMLElement>(`article[data-message="${CSS.escape(id)}"]`);
  const view = article?.closest<HTMLElement>(".thread");
  if (!article || !view) return undefined;
  let frame = 0;
  const until = performance.now() + SETTLE_MS;
  const hold = () => {
    article.scrollIntoView({ block: "start", behavior: "instant" });
    if (performance.now() < until) frame = requestAnimationFrame(hold);
  };
  const end = () => cancelAnimationFrame(frame);
  for (const sign of ["wheel", "touchstart", "keydown", "pointerdown"])
    view.addEventListener(sign, end, { once: true, passive: true });
  article.focus({ preventScroll: true });
  article.dataset.found = "";
  const timer = setTimeout(() => delete article.dataset.found, SHOWN_MS);
  hold();
  return () => {
    end();
    clearTimeout(timer);
    delete article.dataset.found;
  };
}
