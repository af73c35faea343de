import { Trans, useLingui } from "@lingui/react/macro";
import { Eye, EyeOff, KeyRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { TextField } from "@/components/ui/text-field";

interface KeyFieldProps {
  value: string;
  onChange: (value: string) => void;
  /** A key is kept already; typing replaces it. */
  kept?: boolean;
  optional?: boolean;
  label?: ReactNode;
  hint?: ReactNode;
  placeholder?: string;
}

/** An API key: hidden unless the eye is pressed, and out of reach of the browser's password keeper. */
export function KeyField({ value, onChange, kept, optional, label, hint, placeholder }: KeyFieldProps) {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  return (
    <TextField
      label={label ?? (optional ? t`Key, if it asks for one` : t`Key`)}
      className="mono-field"
      type={shown ? "text" : "password"}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      placeholder={placeholder ?? (kept ? t`Kept. Type to replace it.` : undefined)}
      autoComplete="off"
      data-1p-ignore=""
      data-lpignore="true"
      spellCheck={false}
      autoCapitalize="none"
      maxLength={10_000}
      hint={hint}
      before={<KeyRound aria-hidden="true" />}
      after={
        value ? (
          <IconButton
            className="field-btn"
            label={shown ? t`Hide key` : t`Show key`}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff /> : <Eye />}
          </IconButton>
        ) : null
      }
    />
  );
}

export function KeptEncrypted() {
  return (
    <p className="hint sm mt-2">
      <Trans>Kept encrypted on this server. Nobody can read it back, you included.</Trans>
    </p>
  );
}
