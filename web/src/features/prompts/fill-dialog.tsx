import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, type KeyboardEvent, useId, useState } from "react";
import type { Prompt } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { fill, type Variable } from "./variables";

interface FillDialogProps {
  prompt: Prompt;
  /** Those that somebody has to be asked for. */
  variables: Variable[];
  /** The values of the others. */
  known: Record<string, string>;
  onFilled: (text: string) => void;
  onClose: () => void;
}

/** Asks for the variables of a prompt. */
export function FillDialog({ prompt, variables, known, onFilled, onClose }: FillDialogProps) {
  const id = useId();
  const [values, setValues] = useState(() =>
    Object.fromEntries(variables.map(({ name, start }) => [name, start])),
  );
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    onFilled(fill(prompt.text, { ...known, ...values }));
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      keep
      title={prompt.title}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" type="submit" form={id}>
            <Trans>Put into the message</Trans>
          </Button>
        </>
      }
    >
      <form id={id} className="fill-form" onSubmit={submit}>
        {variables.map((variable, index) => (
          <Field
            key={variable.name}
            variable={variable}
            first={index === 0}
            value={values[variable.name] ?? ""}
            onChange={(value) => setValues((before) => ({ ...before, [variable.name]: value }))}
            onSubmit={submit}
          />
        ))}
      </form>
    </Dialog>
  );
}

interface FieldProps {
  variable: Variable;
  first: boolean;
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
}

function Field({ variable: { name, choices }, first, value, onChange, onSubmit }: FieldProps) {
  const { t } = useLingui();
  const id = useId();
  const label = name.replaceAll("_", " ");
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229)
      return;
    event.preventDefault();
    onSubmit();
  };
  if (choices.length)
    return (
      <div>
        <span className="label" aria-hidden="true">
          {label}
        </span>
        <Select
          label={label}
          value={value}
          onChange={onChange}
          options={choices.map((choice) => ({ value: choice, label: choice }))}
        />
      </div>
    );
  return (
    <div>
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        className="area"
        dir="auto"
        rows={value.length > 60 || value.includes("\n") ? 4 : 1}
        value={value}
        title={t`Enter goes on, Shift + Enter starts a line`}
        // biome-ignore lint/a11y/noAutofocus: the form is opened to write
        autoFocus={first}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
