import { fromTrigger } from "./floating";
import type { PopoverProps } from "./floating/popover";

/** A floating sheet over its trigger. */
export const Popover = fromTrigger<PopoverProps>((all) => all.Popover, "dialog");
