import { useLingui } from "@lingui/react/macro";
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useLayoutEffect } from "react";
import { useMe } from "@/api/bootstrap";
import { isMac } from "@/lib/keys";

interface EditorMenu {
  /** The id of its list. */
  list: string;
  /** The id of the line that Enter chooses. */
  active: string | undefined;
  /** Whether the key press was meant for it. */
  onKey: (event: KeyboardEvent) => boolean;
  onCaret: (field: HTMLTextAreaElement) => void;
  onBlur: () => void;
}

interface EditorProps {
  element: RefObject<HTMLTextAreaElement | null>;
  id: string;
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
  onEscape?: () => void;
  onPaste?: (event: ClipboardEvent) => void;
  /** A menu at what is being typed, which comes first. */
  menu?: EditorMenu;
  placeholder?: string;
  tall?: boolean;
  /** In pixels, where it is not to follow the text. */
  height?: number | null;
  autoFocus?: boolean;
}

/** Whether this key press sends, by the preference; never while an input method is composing. */
export function sends(event: KeyboardEvent, sendKey: "enter" | "mod_enter"): boolean {
  // Safari ends the composition before the Enter that confirms it; keyCode 229 still tells
  if (event.key !== "Enter" || event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229)
    return false;
  const mod = isMac ? event.metaKey : event.ctrlKey;
  return mod || (sendKey === "enter" && !event.shiftKey && !event.altKey);
}

/** A text area that grows with its text. */
export function Editor({
  element,
  id,
  value,
  onChange,
  onSubmit,
  onEscape,
  onPaste,
  menu,
  placeholder,
  tall,
  height = null,
  autoFocus,
}: EditorProps) {
  const { t } = useLingui();
  const { send_key: sendKey = "enter" } = useMe().preferences;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const area = element.current;
    if (!area || tall) return;
    area.style.height = "auto";
    area.style.height = `${height ?? area.scrollHeight}px`;
  }, [value, tall, height, element]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (menu?.onKey(event)) return;
    if (sends(event, sendKey)) {
      event.preventDefault();
      onSubmit();
    } else if (event.key === "Escape" && !event.nativeEvent.isComposing) onEscape?.();
  };
  return (
    <>
      <label className="visually-hidden" htmlFor={id}>
        {t`Message`}
      </label>
      <textarea
        ref={element}
        id={id}
        dir="auto"
        className={`composer-text scroll ${tall ? "is-tall" : height === null ? "" : "is-sized"}`}
        rows={1}
        value={value}
        placeholder={placeholder}
        enterKeyHint={sendKey === "enter" ? "send" : "enter"}
        // biome-ignore lint/a11y/noAutofocus: the page is opened to write
        autoFocus={autoFocus}
        aria-autocomplete={menu ? "list" : undefined}
        aria-controls={menu?.active ? menu.list : undefined}
        aria-activedescendant={menu?.active}
        onChange={(event) => {
          onChange(event.target.value);
          menu?.onCaret(event.target);
        }}
        onSelect={(event) => menu?.onCaret(event.currentTarget)}
        onBlur={menu?.onBlur}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
    </>
  );
}
