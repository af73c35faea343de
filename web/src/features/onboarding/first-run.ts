import { useModels } from "@/api/models";
import { useThreads } from "@/api/threads";
import { useWelcome } from "@/api/welcome";

/** Whether the ways to a first answer are shown: there is no model, or only the built-in one and no chat yet. */
export function useFirstRun(): boolean {
  const models = useModels().data?.items;
  const threads = useThreads({ pinned: false }).data?.pages[0]?.items;
  const welcome = useWelcome().data;
  if (models?.length === 0) return true;
  return welcome?.has_provider === false && threads?.length === 0;
}
