import { Trans } from "@lingui/react/macro";
import { BookmarkPlus } from "lucide-react";
import type { Message } from "@/api/types";
import { MenuItem } from "@/components/ui/menu";
import { textOf } from "@/features/chat/tree";
import { useMayRemember, useRemember } from "./remember";

/** Takes a message into the memory, after one has worded it. */
export function RememberItem({ message }: { message: Message }) {
  const may = useMayRemember(message.thread_id);
  const ask = useRemember((state) => state.ask);
  const text = textOf(message);
  if (!may || !text) return null;
  return (
    <MenuItem icon={<BookmarkPlus />} onSelect={() => ask({ text, threadId: message.thread_id })}>
      <Trans>Remember this</Trans>
    </MenuItem>
  );
}
