import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, Columns2, House, Split, X } from "lucide-react";
import { findModel, useModels } from "@/api/models";
import type { ModelInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { AUTO, staysInHouse } from "@/features/picker/list";
import { useModelLabel } from "@/features/picker/model-label";
import { PickerPopover } from "@/features/picker/picker-popover";
import { useChat } from "../state";

/** As many as the server takes beside the chosen model. */
const MOST = 3;
const NONE: string[] = [];

export interface ChosenRivals {
  models: ModelInfo[];
  refs: string[];
  add: (ref: string) => void;
  remove: (ref: string) => void;
  clear: () => void;
}

/** The models that answer the next message beside `model`; none outside where the chat is kept in the house. */
export function useRivals(scope: string, model: string | undefined, inHouse: boolean): ChosenRivals {
  const { data: list } = useModels();
  const chosen = useChat((state) => state.rivals[scope] ?? NONE);
  const { chooseRivals } = useChat.getState();
  const found = chosen.flatMap((ref) => (ref === model ? [] : (findModel(list, ref) ?? [])));
  const models = inHouse ? found.filter((item) => staysInHouse(item, list?.items ?? [])) : found;
  const refs = models.map(({ ref }) => ref);
  return {
    models,
    refs,
    add: (ref) => {
      if (ref !== model && !refs.includes(ref) && refs.length < MOST) chooseRivals(scope, [...refs, ref]);
    },
    remove: (ref) =>
      chooseRivals(
        scope,
        refs.filter((item) => item !== ref),
      ),
    clear: () => chooseRivals(scope, []),
  };
}

/** Opens the model picker for one more model to compare with. */
export function CompareButton({ rivals, inHouse }: { rivals: ChosenRivals; inHouse: boolean }) {
  const { t } = useLingui();
  const full = rivals.refs.length >= MOST;
  return (
    <PickerPopover
      current={undefined}
      inHouse={inHouse}
      onPick={rivals.add}
      trigger={
        <IconButton
          label={full ? t`At most four models can be compared` : t`Compare with another model`}
          side="top"
          disabled={full}
        >
          <Columns2 className="i-18" />
        </IconButton>
      }
    />
  );
}

/** Who else answers, each to be taken out again. */
export function Rivals({ rivals }: { rivals: ChosenRivals }) {
  const { t } = useLingui();
  const label = useModelLabel();
  if (rivals.models.length === 0) return null;
  return (
    <div className="rivals" role="group" aria-label={t`Compared with`}>
      <span className="hint sm">
        <Trans>Compared with</Trans>
      </span>
      {rivals.models.map((model) => (
        <span key={model.ref} className="rival-chip">
          <span className={model.self_hosted ? "in" : model.ref === AUTO ? "" : "out"}>
            {model.self_hosted ? <House /> : model.ref === AUTO ? <Split /> : <Cloud />}
          </span>
          <span className="clip">{label(model)}</span>
          <IconButton label={t`Without ${label(model)}`} onClick={() => rivals.remove(model.ref)}>
            <X className="i-14" />
          </IconButton>
        </span>
      ))}
    </div>
  );
}
