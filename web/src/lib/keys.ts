/** Keyboard shortcuts and how they are written. */
import { useEffect, useEffectEvent } from "react";

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** "mod+shift+o" as people see it: `Ctrl ⇧ O`, on a Mac `⌘ ⇧ O`. */
export function keysLabel(keys: string): string {
  return keys
    .split("+")
    .map((key) =>
      key === "mod"
        ? isMac
          ? "⌘"
          : "Ctrl"
        : key === "shift"
          ? "⇧"
          : key === "alt"
            ? isMac
              ? "⌥"
              : "Alt"
            : key.toUpperCase(),
    )
    .join(" ");
}

function matches(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split("+");
  const key = parts.at(-1);
  return (
    (isMac ? event.metaKey : event.ctrlKey) === parts.includes("mod") &&
    event.shiftKey === parts.includes("shift") &&
    event.altKey === parts.includes("alt") &&
    (event.key.toLowerCase() === key || event.code.toLowerCase() === `key${key}`)
  );
}

/** Runs `action` on `keys`, wherever the focus is; never while an input method is composing. */
export function useShortcut(keys: string, action: () => void): void {
  const run = useEffectEvent(action);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented || !matches(event, keys)) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [keys]);
}
