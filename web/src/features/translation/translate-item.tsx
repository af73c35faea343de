import { Trans } from "@lingui/react/macro";
import { Languages } from "lucide-react";
import type { Message } from "@/api/types";
import { MenuBranch, MenuItem } from "@/components/ui/menu";
import { textOf } from "@/features/chat/tree";
import { languages } from "./languages";
import { translate } from "./state";

/** Shows a message in another language, below it. */
export function TranslateItem({ message }: { message: Message }) {
  if (!textOf(message) || message.status === "streaming") return null;
  return (
    <MenuBranch icon={<Languages />} label={<Trans>Translate</Trans>}>
      {languages().map(({ value, label }) => (
        <MenuItem key={value} onSelect={() => void translate(message, value)}>
          {label}
        </MenuItem>
      ))}
    </MenuBranch>
  );
}
