import { Switch as BaseSwitch } from "@base-ui/react/switch";

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

/** On or off, applied at once. */
export function Switch({ label, checked, onChange, disabled }: SwitchProps) {
  return (
    <BaseSwitch.Root
      className="switch"
      aria-label={label}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      nativeButton
      render={<button type="button" />}
    />
  );
}
