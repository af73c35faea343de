import { floating, fromTrigger } from "./floating";
import type { MenuBranchProps, MenuChoiceProps, MenuItemProps, MenuProps } from "./floating/menu";

/** A menu of actions; arrow keys move, letters jump. */
export const Menu = fromTrigger<MenuProps>((all) => all.Menu, "menu");

export function MenuItem(props: MenuItemProps) {
  const { MenuItem: Part } = floating();
  return <Part {...props} />;
}

/** A group of which one is chosen. */
export function MenuChoice<T extends string>(props: MenuChoiceProps<T>) {
  const { MenuChoice: Part } = floating();
  return <Part {...props} />;
}

/** An item that opens a menu of its own. */
export function MenuBranch(props: MenuBranchProps) {
  const { MenuBranch: Part } = floating();
  return <Part {...props} />;
}

export function MenuLine() {
  const { MenuLine: Part } = floating();
  return <Part />;
}
