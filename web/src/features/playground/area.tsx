import { type ReactNode, useId } from "react";

interface AreaProps {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  mono?: boolean;
  hint?: ReactNode;
  error?: ReactNode;
  placeholder?: string;
}

/** Several lines of text with their label, hint and error tied to them. */
export function Area({ label, value, onChange, rows = 3, mono, hint, error, placeholder }: AreaProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div>
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        className={`area ${mono ? "mono" : ""}`}
        rows={rows}
        value={value}
        placeholder={placeholder}
        spellCheck={mono ? false : undefined}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {note ? (
        <p
          id={`${id}-note`}
          className={error ? "field-error" : "field-hint"}
          role={error ? "alert" : undefined}
        >
          {note}
        </p>
      ) : null}
    </div>
  );
}
