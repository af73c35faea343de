import { Trans } from "@lingui/react/macro";
import { ListChecks } from "lucide-react";
import type { Message } from "@/api/types";
import { MenuItem } from "@/components/ui/menu";
import { focusOn } from "../focus";
import { beginSelecting } from "./state";

/** Begins a selection with this message. */
export function SelectItem({ message }: { message: Message }) {
  const select = () => {
    beginSelecting(message);
    focusOn(() => document.querySelector<HTMLElement>(`.slot-box input[data-select="${message.id}"]`));
  };
  return (
    <MenuItem icon={<ListChecks />} onSelect={select}>
      <Trans>Select</Trans>
    </MenuItem>
  );
}
