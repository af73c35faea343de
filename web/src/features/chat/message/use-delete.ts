import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { deleteMessage, hideMessage, restoreMessage } from "@/api/messages";
import { queryClient } from "@/api/query-client";
import { threadQuery } from "@/api/threads";
import type { Message } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { replaceAnswer } from "../actions";
import { focusAfter, focusMessage } from "../focus";

/** Deletes a message and what follows it; the toast takes it back. */
export function useDeleteOf(): (message: Message) => void {
  const { t } = useLingui();
  const report = useReport();
  const undoOf = useUndoOf();
  return (message) => {
    const undo = undoOf(message);
    focusAfter(message.id, message.parent_id);
    deleteMessage(message).then((count) => {
      toast(t`${plural(count, { one: "# message deleted", other: "# messages deleted" })}`, { undo });
    }, report);
  };
}

export function useDelete(message: Message): () => void {
  const deleteOf = useDeleteOf();
  return () => deleteOf(message);
}

/** Has another answer written in the place of one; the toast brings the old one back beside it. */
export function useReplace(message: Message): () => void {
  const { t } = useLingui();
  const report = useReport();
  const undo = useUndoOf()(message);
  return () => {
    const count = hideMessage(message);
    replaceAnswer(message).catch((error) => {
      void queryClient.invalidateQueries(threadQuery(message.thread_id));
      report(error);
    });
    toast(t`${plural(count, { one: "# message deleted", other: "# messages deleted" })}`, { undo });
  };
}

function useUndoOf(): (message: Message) => () => void {
  const report = useReport();
  return (message) => () => {
    focusMessage(message.id, "more");
    restoreMessage(message).catch(report);
  };
}
