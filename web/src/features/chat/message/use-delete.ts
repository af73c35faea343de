import { useLingui } from "@lingui/react/macro";
import { deleteMessage, restoreMessage } from "@/api/messages";
import type { Message } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";

/** Deletes a message and what follows it; the toast takes it back. */
export function useDelete(message: Message): () => void {
  const { t } = useLingui();
  const report = useReport();
  return () => {
    deleteMessage(message).then(() => {
      const undo = () => void restoreMessage(message).catch(report);
      toast(t`Message deleted`, { action: { label: t`Undo`, run: undo } });
    }, report);
  };
}
