import { useLingui } from "@lingui/react/macro";
import { memo, type RefObject, use, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Message } from "@/api/types";
import { Compare } from "./compare/compare";
import { Answer } from "./message/answer";
import { isLong } from "./message/collapse";
import { UserMessage } from "./message/user-message";
import { SelectBox } from "./select/select-box";
import { useSelecting } from "./select/state";
import { textOf } from "./tree";
import { KEEPS_PLACE, VicinityContext } from "./vicinity";

interface MessageSlotProps {
  message: Message;
  siblings: Message[];
  /** Its siblings are shown beside it. */
  compared: boolean;
  busy: boolean;
  last: boolean;
  /** Drawn wherever the view is; others once they are close to it. */
  near: boolean;
}

/** A message while it is near the view, else a place of its height that can be found, linked to and read out in order. */
export const MessageSlot = memo(
  function MessageSlot({ near, ...shown }: MessageSlotProps) {
    const vicinity = use(VicinityContext);
    const box = useRef<HTMLDivElement>(null);
    const [left, setLeft] = useState(() => (near ? null : likelyHeight(shown.message)));
    const away = near ? null : left;
    useEffect(() => (box.current ? vicinity?.watch(box.current, setLeft) : undefined), [vicinity]);
    usePlace(box, vicinity?.view.current, away);
    const { message, compared } = shown;
    const selecting = useSelecting(({ threadId }) => threadId === message.thread_id) && !compared;
    return (
      <div ref={box} className={selecting ? "slot is-selectable" : "slot"}>
        {selecting ? <SelectBox message={message} /> : null}
        {away === null ? <Drawn {...shown} /> : <Away {...shown} height={away} />}
      </div>
    );
  },
  (before, after) =>
    before.message === after.message &&
    before.busy === after.busy &&
    before.last === after.last &&
    before.near === after.near &&
    before.compared === after.compared &&
    before.siblings.length === after.siblings.length &&
    before.siblings.every((message, at) => message === after.siblings[at]),
);

type Shown = Omit<MessageSlotProps, "near">;

function Drawn({ message, siblings, compared, busy, last }: Shown) {
  if (compared) return <Compare answers={siblings} busy={busy} />;
  if (message.role === "user") return <UserMessage message={message} siblings={siblings} busy={busy} />;
  return <Answer message={message} siblings={siblings} busy={busy} last={last} />;
}

/** Its words are there for the browser's own search, which opens and scrolls to them. */
function Away({ message, siblings, compared, height }: Shown & { height: number }) {
  const { t } = useLingui();
  const own = message.role === "user";
  const name = message.run?.model_id ?? t`the model`;
  const text = compared ? siblings.map(textOf).join("\n\n") : textOf(message);
  return (
    <article
      className={`turn is-away ${own ? "is-own" : ""}`}
      aria-label={own ? t`You` : t`Answer by ${name}`}
      tabIndex={-1}
      style={{ height }}
      data-message={message.id}
      data-parent={message.parent_id ?? ""}
    >
      <div ref={hideUntilFound}>{text}</div>
    </article>
  );
}

function hideUntilFound(element: HTMLElement | null): void {
  element?.setAttribute("hidden", "until-found"); // React would write hidden=""
}

/** About as high as it will be once it is drawn, in pixels; only the length of the scroll bar depends on it. */
function likelyHeight(message: Message): number {
  const text = textOf(message);
  const own = message.role === "user";
  const wide = Math.min(84, innerWidth / 10) * (own ? 0.8 : 1);
  const lines = text.split("\n").reduce((sum, line) => sum + Math.ceil(line.length / wide), 0);
  return own ? Math.min(lines, isLong(text) ? 9 : lines) * 26 + 50 : lines * 30 + 50;
}

/** Where the browser does not do it: what one reads stays where it is when something above it changes its height. */
function usePlace(
  box: RefObject<HTMLElement | null>,
  view: HTMLElement | null | undefined,
  away: number | null,
): void {
  const before = useRef(away);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = away;
    if (KEEPS_PLACE || was === null || away !== null || !box.current || !view) return;
    const { height, bottom } = box.current.getBoundingClientRect();
    const change = height - was;
    if (bottom - change < view.getBoundingClientRect().top) view.scrollTop += change;
  }, [box, view, away]);
}
