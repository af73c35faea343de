import { useLingui } from "@lingui/react/macro";
import { findModel, useModels } from "@/api/models";
import type { Message } from "@/api/types";

/** Who said a message, and where that was computed. */
export function useSpeaker(): (message: Message) => string {
  const { t } = useLingui();
  const { data: models } = useModels();
  return ({ role, run }) => {
    if (role === "user") return t`You`;
    const name = findModel(models, run?.model)?.name ?? run?.model_id ?? t`the model`;
    const where = run?.self_hosted ? t`in-house` : run?.provider_name;
    return where ? `${name} · ${where}` : name;
  };
}
