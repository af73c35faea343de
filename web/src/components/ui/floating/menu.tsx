import { Menu as BaseMenu } from "@base-ui/react/menu";
import { Check, ChevronRight } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

export interface MenuProps {
  trigger: ReactElement;
  side?: "top" | "bottom" | "left" | "right";
  align?: "start" | "center" | "end";
  defaultOpen?: boolean;
  children: ReactNode;
}

export function Menu({ trigger, side = "bottom", align = "end", defaultOpen, children }: MenuProps) {
  return (
    <BaseMenu.Root defaultOpen={defaultOpen} modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <MenuSheet side={side} align={align} sideOffset={4}>
        {children}
      </MenuSheet>
    </BaseMenu.Root>
  );
}

function MenuSheet({
  children,
  ...place
}: Pick<MenuProps, "side" | "align" | "children"> & { sideOffset: number }) {
  return (
    <BaseMenu.Portal>
      <BaseMenu.Positioner {...place} collisionPadding={8} className="floating">
        <BaseMenu.Popup className="popover menu">{children}</BaseMenu.Popup>
      </BaseMenu.Positioner>
    </BaseMenu.Portal>
  );
}

export interface MenuItemProps {
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

export interface MenuChoiceProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  label: ReactNode;
  options: { value: T; label: ReactNode; icon?: ReactNode }[];
}

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

export interface MenuBranchProps {
  icon: ReactNode;
  label: ReactNode;
  children: ReactNode;
}

export function MenuBranch({ icon, label, children }: MenuBranchProps) {
  return (
    <BaseMenu.SubmenuRoot>
      <BaseMenu.SubmenuTrigger className="menu-item">
        {icon}
        <span className="clip">{label}</span>
        <ChevronRight className="i-14 menu-check" />
      </BaseMenu.SubmenuTrigger>
      <MenuSheet sideOffset={2}>{children}</MenuSheet>
    </BaseMenu.SubmenuRoot>
  );
}

export function MenuLine() {
  return <BaseMenu.Separator className="menu-line" />;
}
