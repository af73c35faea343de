import { useFloating } from "./floating";
import type { ConfirmProps, DialogProps, DrawerProps } from "./floating/dialog";

/** A modal sheet: Escape and a click outside close it, focus goes in and comes back. */
export function Dialog(props: DialogProps) {
  const all = useFloating(props.open);
  return all ? <all.Dialog {...props} /> : null;
}

/** Asks before something that cannot be undone. What can be undone gets a toast instead. */
export function Confirm(props: ConfirmProps) {
  const all = useFloating(props.open);
  return all ? <all.Confirm {...props} /> : null;
}

/** A modal sheet at the left edge. */
export function Drawer(props: DrawerProps) {
  const all = useFloating(props.open);
  return all ? <all.Drawer {...props} /> : null;
}
