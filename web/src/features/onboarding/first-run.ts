import { useModels } from "@/api/models";
import { useThreads } from "@/api/threads";

/**
 * Whether the ways to a first answer are shown: there is no model, or nothing but a demonstration and no chat yet.
 * Undefined until it is known.
 */
export function useFirstRun(): boolean | undefined {
  const models = useModels().data?.items;
  const threads = useThreads({ pinned: false }).data?.pages[0]?.items;
  if (!models) return undefined;
  if (!models.length) return true;
  return models.every((model) => model.demonstration) ? threads && !threads.length : false;
}
