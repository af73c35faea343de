import { ChevronsUpDown } from "lucide-react";
import { useFloating } from "./floating";
import type { SelectProps } from "./floating/select";

/** One of a few. For models use the picker. */
export function Select<T extends string>(props: SelectProps<T>) {
  const all = useFloating(true);
  if (all) return <all.Select {...props} />;
  const { label, value, options, className = "" } = props;
  return (
    <button type="button" className={`field select-btn ${className}`} aria-label={label} disabled>
      <span>{options.find((option) => option.value === value)?.label}</span>
      <ChevronsUpDown className="i-14" />
    </button>
  );
}
