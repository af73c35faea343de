import { Switch as BaseSwitch } from "@base-ui/react/switch";
import type { Ref } from "react";

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** On or off, applied at once. */
export function Switch({ label, checked, onChange, disabled, ref }: SwitchProps) {
  return (
    <BaseSwitch.Root
      className="switch"
      aria-label={label}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      nativeButton
      render={<button type="button" ref={ref} />}
    />
  );
}
