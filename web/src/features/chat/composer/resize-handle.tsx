import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, type PointerEvent, type RefObject, useRef, useState } from "react";

const KEY = "freehold.composer-height";
/** One line with what is around it, and a line more, in pixels; see .composer-text. */
const LOWEST = 42;
const LINE = 26;

/** Some of the chat is seen above it in a low window, too; see .is-sized. */
const AROUND = 256;

const highest = () => Math.round(Math.max(LOWEST, Math.min(innerHeight * 0.7, innerHeight - AROUND)));
const clamped = (height: number) => Math.round(Math.min(Math.max(height, LOWEST), highest()));

/** How high the message field was made in this browser, in pixels; null: as high as its text. */
export function useComposerHeight() {
  const [height, setHeight] = useState(() => {
    const kept = Number(localStorage.getItem(KEY));
    return kept > 0 ? clamped(kept) : null;
  });
  const keep = (next: number | null) => {
    setHeight(next);
    if (next === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, String(next));
  };
  return { height, setHeight, keep };
}

interface ResizeHandleProps {
  area: RefObject<HTMLTextAreaElement | null>;
  id: string;
  sized: ReturnType<typeof useComposerHeight>;
  /** It is about to get a height of its own. */
  onStart: () => void;
}

/** The upper edge of the composer: drag it, or focus it and use the arrow keys; a double click or Enter takes the height back. */
export function ResizeHandle({ area, id, sized, onStart }: ResizeHandleProps) {
  const { t } = useLingui();
  const { height, setHeight, keep } = sized;
  const from = useRef<{ y: number; height: number; to: number } | null>(null);
  const now = () => area.current?.offsetHeight ?? LOWEST;
  const begin = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.preventDefault(); // the text keeps its caret
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { y: event.clientY, height: now(), to: 0 };
  };
  const move = (event: PointerEvent) => {
    const start = from.current;
    if (!start || (start.to === 0 && Math.abs(event.clientY - start.y) < 3)) return; // a click is no drag
    onStart();
    start.to = clamped(start.height + start.y - event.clientY);
    setHeight(start.to);
  };
  const end = () => {
    if (from.current?.to) keep(from.current.to);
    from.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = {
      ArrowUp: now() + LINE,
      ArrowDown: now() - LINE,
      Home: LOWEST,
      End: highest(),
      Enter: null,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onStart();
    keep(next === null ? null : clamped(next));
  };
  const value = height ?? LOWEST;
  const lines = Math.max(1, Math.floor((value - LOWEST) / LINE) + 1);
  return (
    <div
      role="separator"
      tabIndex={0}
      className="composer-edge"
      aria-orientation="horizontal"
      aria-label={t`Height of the message field`}
      aria-controls={id}
      aria-valuemin={LOWEST}
      aria-valuemax={highest()}
      aria-valuenow={value}
      aria-valuetext={
        height === null ? t`as high as its text` : t`${plural(lines, { one: "# line", other: "# lines" })}`
      }
      title={t`Drag to resize; double-click to reset`}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => keep(null)}
      onKeyDown={onKeyDown}
    />
  );
}
