import { Trans, useLingui } from "@lingui/react/macro";
import { Link2 } from "lucide-react";
import type { Message } from "@/api/types";
import { MenuItem } from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";

/** Copies the address of a message; whoever may see the chat gets there by it. */
export function LinkItem({ message }: { message: Message }) {
  const { t } = useLingui();
  const copy = async () => {
    await navigator.clipboard.writeText(`${location.origin}/c/${message.thread_id}?message=${message.id}`);
    toast(t`Link copied`);
  };
  return (
    <MenuItem icon={<Link2 />} onSelect={() => void copy()}>
      <Trans>Copy link</Trans>
    </MenuItem>
  );
}
