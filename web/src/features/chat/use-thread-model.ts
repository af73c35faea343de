import { useQuery } from "@tanstack/react-query";
import { useModels } from "@/api/models";
import { patchThread, threadQuery, useThread } from "@/api/threads";
import { useReport } from "@/features/errors/report";
import { wishedModel } from "@/features/picker/list";
import { useChat } from "./state";

/** The model that answers next in this chat. */
export function useThreadModel(threadId: string): string | undefined {
  const { data: models } = useModels();
  const { data } = useThread(threadId);
  const chosen = useChat((state) => state.models[threadId]);
  const wishes = [chosen, data?.thread.model, models?.default];
  const model = wishedModel(models, wishes, data?.thread.in_house ?? false);
  return model?.ref ?? chosen ?? data?.thread.model ?? undefined;
}

/** Whether this chat is kept in the house. */
export function useKeptInHouse(threadId: string | undefined): boolean {
  const query = threadQuery(threadId ?? "");
  const { data } = useQuery({
    ...query,
    enabled: threadId !== undefined,
    select: ({ thread }) => thread.in_house,
  });
  return data ?? false;
}

/** Lets this chat go on with a model, in this tab and wherever else it is open. */
export function useChooseModel(threadId: string): (ref: string) => void {
  const report = useReport();
  return (ref) => {
    useChat.getState().chooseModel(threadId, ref);
    patchThread(threadId, { model: ref }).catch(report);
  };
}
