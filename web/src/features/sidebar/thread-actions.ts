import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useNavigate, useParams } from "@tanstack/react-router";
import { foldThread } from "@/api/folds";
import { deleteThread, patchThread, restoreThread } from "@/api/threads";
import type { Thread } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { useMoving } from "@/features/moving/questions";
import { useThreadDialogs } from "./thread-dialogs";

/** What can be done with a chat, from its menu as well as from the palette. What fails is told. */
export function useThreadActions(thread: Thread) {
  const { t } = useLingui();
  const report = useReport();
  const navigate = useNavigate();
  const open = useParams({ strict: false }).threadId;
  const ask = useThreadDialogs((state) => state.ask);
  const askMoving = useMoving((state) => state.ask);

  const leave = () => {
    if (open === thread.id) void navigate({ to: "/" });
  };
  const remove = async () => {
    const wasOpen = open === thread.id;
    leave();
    await deleteThread(thread.id);
    const undo = async () => {
      await restoreThread(thread.id);
      if (wasOpen) await navigate({ to: "/c/$threadId", params: { threadId: thread.id } });
    };
    toast(t`Chat deleted`, { undo: () => void undo().catch(report) });
  };
  const archive = async () => {
    const { id, state } = thread;
    const archived = state === "archived";
    const wasOpen = open === id;
    if (!archived) leave();
    await patchThread(id, { state: archived ? "active" : "archived" });
    const undo = async () => {
      await patchThread(id, { state: archived ? "archived" : "active" });
      if (wasOpen) await navigate({ to: "/c/$threadId", params: { threadId: id } });
    };
    toast(archived ? t`Chat unarchived` : t`Chat archived`, { undo: () => void undo().catch(report) });
  };
  const fold = async () => {
    // a refusal comes at once, a summary takes its time
    const waits = setTimeout(() => toast(t`Folding this chat`, { timeout: 3_000 }), 600);
    const { messages } = await foldThread(thread.id).finally(() => clearTimeout(waits));
    toast(
      t`${plural(messages, { one: "# message is folded into a summary", other: "# messages are folded into a summary" })}`,
    );
  };
  return {
    fold: () => void fold().catch(report),
    pin: () => void patchThread(thread.id, { pinned: !thread.pinned }).catch(report),
    rename: () => ask({ kind: "rename-thread", thread }),
    share: () => askMoving({ kind: "share", thread }),
    exportIt: () => askMoving({ kind: "export", thread }),
    archive: () => void archive().catch(report),
    remove: () => void remove().catch(report),
  };
}
