import { Menu as BaseMenu } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

interface MenuProps {
  trigger: ReactElement;
  side?: "top" | "bottom" | "left" | "right";
  align?: "start" | "center" | "end";
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}

/** A menu of actions; arrow keys move, letters jump. */
export function Menu({ trigger, side = "bottom", align = "end", onOpenChange, children }: MenuProps) {
  return (
    <BaseMenu.Root onOpenChange={onOpenChange} modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <MenuSheet side={side} align={align}>
        {children}
      </MenuSheet>
    </BaseMenu.Root>
  );
}

function MenuSheet({
  side,
  align,
  children,
}: {
  side: MenuProps["side"];
  align: MenuProps["align"];
  children: ReactNode;
}) {
  return (
    <BaseMenu.Portal>
      <BaseMenu.Positioner side={side} align={align} sideOffset={4} collisionPadding={8} className="floating">
        <BaseMenu.Popup className="popover menu">{children}</BaseMenu.Popup>
      </BaseMenu.Positioner>
    </BaseMenu.Portal>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  keys?: string;
  onSelect?: () => void;
  /** For a link: the element to render, e.g. <Link to="/settings/general" />. */
  render?: ReactElement;
  children: ReactNode;
}

export function MenuItem({ icon, danger, disabled, keys, onSelect, render, children }: MenuItemProps) {
  return (
    <BaseMenu.Item
      className={`menu-item ${danger ? "is-danger" : ""}`}
      disabled={disabled}
      onClick={onSelect}
      render={render}
    >
      {icon}
      <span className="clip">{children}</span>
      {keys ? <span className="kbd">{keys}</span> : null}
    </BaseMenu.Item>
  );
}

interface MenuChoiceProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  label: ReactNode;
  options: { value: T; label: ReactNode; icon?: ReactNode }[];
}

/** A group of which one is chosen. */
export function MenuChoice<T extends string>({ value, onChange, label, options }: MenuChoiceProps<T>) {
  return (
    <BaseMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      <BaseMenu.GroupLabel className="menu-label">{label}</BaseMenu.GroupLabel>
      {options.map((option) => (
        <BaseMenu.RadioItem key={option.value} value={option.value} className="menu-item" closeOnClick>
          {option.icon}
          <span className="clip">{option.label}</span>
          <BaseMenu.RadioItemIndicator className="menu-check">
            <Check className="i-14" />
          </BaseMenu.RadioItemIndicator>
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  );
}

export function MenuLine() {
  return <BaseMenu.Separator className="menu-line" />;
}
