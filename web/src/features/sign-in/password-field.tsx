import { Plural, useLingui } from "@lingui/react/macro";
import { Eye, EyeOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { TextField } from "@/components/ui/text-field";

interface PasswordFieldProps {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  autoComplete: "current-password" | "new-password";
  hint?: ReactNode;
  error?: ReactNode;
  autoFocus?: boolean;
}

/** A secret with an eye to look at it. */
export function PasswordField({ value, onChange, ...field }: PasswordFieldProps) {
  const { t } = useLingui();
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...field}
      type={shown ? "text" : "password"}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      maxLength={1000}
      required
      spellCheck={false}
      autoCapitalize="none"
      after={
        <IconButton
          className="field-btn"
          label={shown ? t`Hide` : t`Show`}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff /> : <Eye />}
        </IconButton>
      }
    />
  );
}

export const SHORTEST_PASSWORD = 12;

type NewPasswordProps = Pick<PasswordFieldProps, "value" | "onChange" | "error"> & { label?: ReactNode };

/** A password to be made up. The server judges how guessable it is; the length is counted while typing. */
export function NewPasswordField({ value, label, ...rest }: NewPasswordProps) {
  const { t } = useLingui();
  const missing = SHORTEST_PASSWORD - Array.from(value).length;
  return (
    <PasswordField
      {...rest}
      label={label ?? t`Password`}
      value={value}
      autoComplete="new-password"
      hint={
        value && missing > 0 ? (
          <Plural value={missing} one="# more character" other="# more characters" />
        ) : (
          t`At least 12 characters. Four unrelated words do well.`
        )
      }
    />
  );
}
