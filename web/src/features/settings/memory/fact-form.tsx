import { Trans } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { useReport } from "@/features/errors/report";

const LONGEST = 500;

interface FactFormProps {
  label: string;
  value: string;
  action: ReactNode;
  onSave: (text: string) => Promise<unknown>;
  onCancel?: () => void;
}

/** One line for one fact; empty again when it was kept. */
export function FactForm({ label, value, action, onSave, onCancel }: FactFormProps) {
  const report = useReport();
  const [text, setText] = useState(value);
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const said = text.trim();
    if (!said || busy) return;
    setBusy(true);
    try {
      await onSave(said);
      setText(value);
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="fact-form" onSubmit={(event) => void save(event)}>
      <div className="grow">
        <TextField
          label={label}
          value={text}
          maxLength={LONGEST}
          autoFocus={onCancel !== undefined}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && onCancel?.()}
        />
      </div>
      {onCancel ? (
        <Button variant="ghost" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
      ) : null}
      <Button type="submit" disabled={!text.trim() || busy}>
        {action}
      </Button>
    </form>
  );
}
