import { Trans } from "@lingui/react/macro";
import { BookmarkPlus, TextQuote } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import { useMayRemember, useRemember } from "@/features/memory/remember";
import { quoteInDraft } from "../composer/drafts";
import { focusComposer } from "../focus";
import { quotable } from "./quotable";

interface Picked {
  words: () => string;
  /** Where the selection ends, in the window. */
  left: number;
  top: number;
}

/** What is selected inside one message of `view`, if anything is. */
function picked(view: HTMLElement | null): Picked | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !view) return null;
  const range = selection.getRangeAt(0);
  const at = range.commonAncestorContainer;
  const element = at instanceof Element ? at : at.parentElement;
  const said = selection.toString();
  if (!said.trim() || !element?.closest("article .prose, article .bubble") || !view.contains(element))
    return null;
  const box = range.getBoundingClientRect();
  const frame = view.getBoundingClientRect();
  const top = Math.min(Math.max(box.bottom, frame.top), frame.bottom - 48) + 8;
  const words = () => quotable(range, said);
  return { words, left: Math.min(Math.max(box.right, frame.left + 60), frame.right - 60), top };
}

/** Floats at words that are selected in a message and takes them into what one writes next. */
export function QuoteButton({ view, scope }: { view: RefObject<HTMLElement | null>; scope: string }) {
  const [found, setFound] = useState<Picked | null>(null);
  const mayRemember = useMayRemember(scope);
  const ask = useRemember((state) => state.ask);
  useEffect(() => {
    let pressed = false;
    const look = () => !pressed && setFound(picked(view.current));
    const down = () => {
      pressed = true;
    };
    const up = () => {
      pressed = false;
      look();
    };
    const box = view.current;
    const ends = new AbortController();
    const { signal } = ends;
    // while the pointer is still choosing, a button under it would be in the way
    box?.addEventListener("pointerdown", down, { signal });
    window.addEventListener("pointerup", up, { signal });
    window.addEventListener("pointercancel", up, { signal });
    document.addEventListener("selectionchange", look, { signal });
    box?.addEventListener("scroll", look, { signal, passive: true });
    return () => ends.abort();
  }, [view]);
  if (!found) return null;
  const quote = () => {
    quoteInDraft(scope, found.words());
    getSelection()?.removeAllRanges();
    setFound(null);
    focusComposer();
  };
  const remember = () => {
    ask({ text: found.words(), threadId: scope });
    setFound(null);
  };
  // the selection stays while one is pressed
  const keep = (event: { preventDefault: () => void }) => event.preventDefault();
  return (
    <div className="quote-button" style={{ left: found.left, top: found.top }}>
      <button
        type="button"
        className="btn btn-outline btn-sm"
        onPointerDown={keep}
        onMouseDown={keep}
        onClick={quote}
      >
        <TextQuote className="i-14" />
        <Trans>Quote</Trans>
      </button>
      {mayRemember ? (
        <button
          type="button"
          className="btn btn-outline btn-sm"
          onPointerDown={keep}
          onMouseDown={keep}
          onClick={remember}
        >
          <BookmarkPlus className="i-14" />
          <Trans>Remember</Trans>
        </button>
      ) : null}
    </div>
  );
}
