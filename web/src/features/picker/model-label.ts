import { useLingui } from "@lingui/react/macro";
import type { ModelInfo } from "@/api/types";
import { AUTO } from "./list";

/** What a model is called: its own name, but for the one that leaves the choice to the server. */
export function useModelLabel(): (model: ModelInfo) => string {
  const { t } = useLingui();
  return (model) => (model.ref === AUTO ? t`Auto` : model.name);
}
