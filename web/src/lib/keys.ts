/** Keys as they are pressed, kept and written. */

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const MODIFIERS = ["mod", "ctrl", "meta", "alt", "shift"];
const NAMES: Record<string, string> = { " ": "space", esc: "escape" };
const SHOWN: Record<string, string> = {
  mod: isMac ? "⌘" : "Ctrl",
  ctrl: "Ctrl",
  meta: isMac ? "⌘" : "Meta",
  alt: isMac ? "⌥" : "Alt",
  shift: "⇧",
  enter: "↵",
  escape: "Esc",
  space: "Space",
  backspace: "⌫",
  delete: "Del",
  tab: "Tab",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
};

/** "mod+shift+o" as people see it: `Ctrl ⇧ O`, on a Mac `⌘ ⇧ O`. */
export function keysLabel(keys: string): string {
  return partsOf(keys)
    .map((part) => SHOWN[part] ?? part.toUpperCase())
    .join(" ");
}

const SPOKEN: Record<string, string> = {
  mod: isMac ? "Meta" : "Control",
  ctrl: "Control",
  meta: "Meta",
  alt: "Alt",
};

/** "mod+shift+o" for the attribute aria-keyshortcuts; undefined for none. */
export function ariaKeys(keys: string): string | undefined {
  const named = partsOf(keys).map((part) => SPOKEN[part] ?? part.charAt(0).toUpperCase() + part.slice(1));
  return named.join("+") || undefined;
}

/** The parts of "mod+shift+o"; the last may be the plus sign itself. */
function partsOf(keys: string): string[] {
  if (!keys) return [];
  return keys.endsWith("+") ? [...keys.slice(0, -1).split("+").filter(Boolean), "+"] : keys.split("+");
}

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/**
 * What is pressed, in the form that is kept: "mod+shift+o"; null while only modifiers are. A sign that Shift makes is
 * that sign ("?"), whatever the layout; a letter of another alphabet is the key on which it stands.
 */
export function chordOf(event: Pressed): string | null {
  const key = keyOf(event);
  if (!key) return null;
  const sign = key.length === 1 && !/[a-z]/.test(key);
  const held = {
    mod: isMac ? event.metaKey : event.ctrlKey,
    ctrl: isMac && event.ctrlKey,
    meta: !isMac && event.metaKey,
    alt: event.altKey,
    shift: event.shiftKey && !sign,
  };
  return [...MODIFIERS.filter((name) => held[name as keyof typeof held]), key].join("+");
}

function keyOf({ key, code }: Pressed): string | null {
  if (["Control", "Meta", "Alt", "AltGraph", "Shift", "Dead", "Process", "Unidentified"].includes(key))
    return null;
  const plain = key.toLowerCase();
  if (NAMES[plain]) return NAMES[plain];
  if (key.length > 1 || /^[!-~]$/.test(key)) return plain;
  return /^(?:Key|Digit)(.)$/.exec(code)?.[1]?.toLowerCase() ?? null;
}

const WRITES =
  /^(?:shift\+)?(?:.|space|enter|tab|backspace|delete|home|end|pageup|pagedown|arrow(?:up|down|left|right))$/;
/** What every field does with its text. */
const EDITS = /^mod\+(?:shift\+)?[acvxyz]$/;
const FIELDS =
  "input, textarea, select, [contenteditable=true], [role=menu], [role=listbox], [role=combobox]";

/** These keys mean something where the focus is: they write, or they move there. */
export function belongsTo(target: EventTarget | null, chord: string): boolean {
  if (!(WRITES.test(chord) || EDITS.test(chord)) || !(target instanceof Element)) return false;
  return target.closest(FIELDS) !== null && !(chord === "mod+z" && isEmpty(target));
}

/** Nothing is written in it that could be taken back. */
function isEmpty(field: Element): boolean {
  return (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) && field.value === "";
}
