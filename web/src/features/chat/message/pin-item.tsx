import { Trans } from "@lingui/react/macro";
import { Pin, PinOff } from "lucide-react";
import { pinMessage } from "@/api/messages";
import type { Message } from "@/api/types";
import { MenuItem } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";

/** Keeps a message out of summaries, or no more. */
export function PinItem({ message }: { message: Message }) {
  const report = useReport();
  return (
    <MenuItem
      icon={message.pinned ? <PinOff /> : <Pin />}
      onSelect={() => void pinMessage(message, !message.pinned).catch(report)}
    >
      {message.pinned ? <Trans>Unpin, may be folded</Trans> : <Trans>Pin, never fold</Trans>}
    </MenuItem>
  );
}

/** Says that a message is pinned. */
export function Pinned() {
  return (
    <span className="pinned-mark">
      <Pin className="i-14" />
      <Trans context="message">Pinned</Trans>
    </span>
  );
}
