import { CSPProvider } from "@base-ui/react/csp-provider";
import { Select as BaseSelect } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";

export interface SelectProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string }[];
  className?: string;
}

export function Select<T extends string>({
  label,
  value,
  onChange,
  options,
  className = "",
}: SelectProps<T>) {
  return (
    // the policy of the pages takes no style elements
    <CSPProvider disableStyleElements>
      <BaseSelect.Root
        items={options}
        value={value}
        onValueChange={(next) => next !== null && onChange(next as T)}
      >
        <BaseSelect.Trigger className={`field select-btn ${className}`} aria-label={label}>
          <BaseSelect.Value />
          <ChevronsUpDown className="i-14" />
        </BaseSelect.Trigger>
        <BaseSelect.Portal>
          <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="floating">
            <BaseSelect.Popup className="popover menu">
              {options.map((option) => (
                <BaseSelect.Item key={option.value} value={option.value} className="menu-item">
                  <BaseSelect.ItemText className="clip">{option.label}</BaseSelect.ItemText>
                  <BaseSelect.ItemIndicator className="menu-check">
                    <Check className="i-14" />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.Popup>
          </BaseSelect.Positioner>
        </BaseSelect.Portal>
      </BaseSelect.Root>
    </CSPProvider>
  );
}
