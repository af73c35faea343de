import { type ComponentProps, type ReactNode, useId } from "react";

export interface TextFieldProps extends Omit<ComponentProps<"input">, "id"> {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  /** Stands before the text, e.g. an icon. */
  before?: ReactNode;
  /** Stands after the text, e.g. an icon button. */
  after?: ReactNode;
  hideLabel?: boolean;
}

/** One line of text with its label, hint and error tied to it. */
export function TextField({
  label,
  hint,
  error,
  before,
  after,
  hideLabel,
  className = "",
  ...input
}: TextFieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label className={hideLabel ? "visually-hidden" : "label"} htmlFor={id}>
        {label}
      </label>
      <div className="field">
        {before}
        <input
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          {...input}
        />
        {after}
      </div>
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
