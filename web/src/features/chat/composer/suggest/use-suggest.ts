import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { type Token, tokenAt } from "./token";

/** Takes a key press of the editor; false: it is nothing to it. */
export type TakeKey = (event: KeyboardEvent) => boolean;

/** The menu at what is being typed: when it is there, and how the editor works it. */
export function useSuggest(area: RefObject<HTMLTextAreaElement | null>, text: string) {
  const [caret, setCaret] = useState<number | null>(null);
  // Escape closes it until another word is begun
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [active, setActive] = useState<string | undefined>();
  const takeKey = useRef<TakeKey>(null);
  const token = caret === null ? null : tokenAt(text, caret);
  if (dismissed !== null && token?.start !== dismissed) setDismissed(null);
  const shown = token && token.start !== dismissed ? token : null;
  // stays once it was there: a form that it opened outlives what was typed
  const [wanted, setWanted] = useState(false);
  if (shown && !wanted) setWanted(true);

  /** Puts `words` where the token stands, so that undoing brings it back. */
  const replace = ({ start, end }: Token, words: string) => {
    const field = area.current;
    if (!field) return;
    field.focus();
    field.setSelectionRange(start, end);
    // the only way to write that the browser's undo knows of
    const command = words ? "insertText" : "delete";
    if (!document.execCommand(command, false, words)) {
      field.setRangeText(words, start, end, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  return {
    token: shown,
    wanted,
    takeKey,
    setActive,
    replace,
    dismiss: () => setDismissed(token?.start ?? null),
    /** For the editor. */
    field: {
      onKey: (event: KeyboardEvent) => {
        // Safari ends the composition before the Enter that confirms it; keyCode 229 still tells
        if (!shown || event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return false;
        return takeKey.current?.(event) ?? false;
      },
      onCaret: (field: HTMLTextAreaElement) =>
        setCaret(field.selectionStart === field.selectionEnd ? field.selectionStart : null),
      onBlur: () => setCaret(null),
      active: shown ? active : undefined,
    },
  };
}

export type Suggesting = ReturnType<typeof useSuggest>;
