import { useModels } from "@/api/models";
import { useThread } from "@/api/threads";
import { useChat } from "./state";

/** The model that answers next in this chat. */
export function useThreadModel(threadId: string): string | undefined {
  const { data: models } = useModels();
  const { data } = useThread(threadId);
  const chosen = useChat((state) => state.models[threadId]);
  return chosen ?? data?.thread.model ?? models?.default ?? undefined;
}
