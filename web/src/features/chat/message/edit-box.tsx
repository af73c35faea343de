import { Trans, useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { isMac } from "@/lib/keys";

interface EditBoxProps {
  text: string;
  onSave: (text: string) => void;
  /** Save as a new version and have it answered. */
  onRerun?: (text: string) => void;
  onCancel: () => void;
}

/** A message as its source. Escape restores it; Ctrl or Cmd with Enter is the main button. */
export function EditBox({ text, onSave, onRerun, onCancel }: EditBoxProps) {
  const { t } = useLingui();
  const hint = useId();
  const enter = isMac ? "⌘ ↵" : "Ctrl ↵";
  const [value, setValue] = useState(text);
  const area = useRef<HTMLTextAreaElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.style.height = "auto";
    area.current.style.height = `${area.current.scrollHeight + 2}px`;
  }, [value]);
  useEffect(() => {
    const end = area.current?.value.length ?? 0;
    area.current?.setSelectionRange(end, end);
  }, []);
  const empty = value.trim() === "";
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onCancel();
    if (event.key === "Enter" && (isMac ? event.metaKey : event.ctrlKey) && !empty) {
      event.preventDefault();
      (onRerun ?? onSave)(value);
    }
  };
  return (
    <div className="edit-box">
      <textarea
        ref={area}
        dir="auto"
        className="area scroll"
        aria-label={t`Edit message`}
        aria-describedby={hint}
        value={value}
        // biome-ignore lint/a11y/noAutofocus: the reader asked to edit
        autoFocus
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="row wrap justify-end">
        <span id={hint} className="hint sm only-wide grow">
          {onRerun ? (
            <Trans>{enter} saves and reruns, Esc cancels</Trans>
          ) : (
            <Trans>{enter} saves, Esc cancels</Trans>
          )}
        </span>
        <Button variant="ghost" small onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
        <Button
          variant={onRerun ? "outline" : "primary"}
          small
          disabled={empty}
          onClick={() => onSave(value)}
        >
          <Trans>Save</Trans>
        </Button>
        {onRerun ? (
          <Button variant="primary" small disabled={empty} onClick={() => onRerun(value)}>
            <Trans>Save and rerun</Trans>
          </Button>
        ) : null}
      </div>
    </div>
  );
}
