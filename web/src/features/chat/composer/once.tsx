import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, House, Split, X } from "lucide-react";
import { findModel, useModels } from "@/api/models";
import type { ModelInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { AUTO, staysInHouse } from "@/features/picker/list";
import { useModelLabel } from "@/features/picker/model-label";
import { useChat } from "../state";

export interface ChosenOnce {
  model: ModelInfo | undefined;
  choose: (ref: string | undefined) => void;
}

/** The model that answers the next message alone; none outside where the chat is kept in the house. */
export function useOnce(scope: string, inHouse: boolean): ChosenOnce {
  const { data: list } = useModels();
  const ref = useChat((state) => state.onces[scope]);
  const found = ref === undefined ? undefined : findModel(list, ref);
  const model = found && inHouse && !staysInHouse(found, list?.items ?? []) ? undefined : found;
  return { model, choose: (next) => useChat.getState().chooseOnce(scope, next) };
}

/** Who answers this message alone, to be taken out again. */
export function Once({ once: { model, choose } }: { once: ChosenOnce }) {
  const { t } = useLingui();
  const label = useModelLabel();
  if (!model) return null;
  return (
    <div className="rivals" role="group" aria-label={t`This message goes to`}>
      <span className="hint sm">
        <Trans>This message goes to</Trans>
      </span>
      <span className="rival-chip">
        <span className={model.self_hosted ? "in" : model.ref === AUTO ? "" : "out"}>
          {model.self_hosted ? <House /> : model.ref === AUTO ? <Split /> : <Cloud />}
        </span>
        <span className="clip">{label(model)}</span>
        <IconButton label={t`Without ${label(model)}`} onClick={() => choose(undefined)}>
          <X className="i-14" />
        </IconButton>
      </span>
    </div>
  );
}
