/** Everything that floats, with what places it and keeps its focus: one file, fetched when somebody moves. */
export { Confirm, Dialog, Drawer } from "./dialog";
export { Menu, MenuBranch, MenuChoice, MenuItem, MenuLine } from "./menu";
export { Popover } from "./popover";
export { Select } from "./select";
export { Tips } from "./tips";
export { showToast, Toasts } from "./toasts";
