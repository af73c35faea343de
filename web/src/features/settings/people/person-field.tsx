import { useLingui } from "@lingui/react/macro";
import { useDeferredValue, useId } from "react";
import { useSuggestions } from "@/api/people";
import { TextField } from "@/components/ui/text-field";

interface PersonFieldProps {
  value: string;
  onChange: (text: string) => void;
  error?: string;
  className?: string;
}

/** A person by name or address; those who may be meant are offered as one types. */
export function PersonField({ value, onChange, error, className }: PersonFieldProps) {
  const { t } = useLingui();
  const list = useId();
  const { data: offered } = useSuggestions(useDeferredValue(value.trim()));
  return (
    <>
      <TextField
        label={t`Person`}
        className={className}
        list={list}
        autoComplete="off"
        placeholder={t`Name or e-mail`}
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {offered?.map(({ id, email, name }) => (
          <option key={id} value={email ?? name}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  );
}
