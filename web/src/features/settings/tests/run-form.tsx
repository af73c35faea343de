import { Trans, useLingui } from "@lingui/react/macro";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { startRun } from "@/api/evals";
import { findModel, useModels } from "@/api/models";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { ModelButton } from "@/features/picker/model-button";
import { PickerPopover } from "@/features/picker/picker-popover";
import { FormDialog } from "../form-dialog";
import { useRefName } from "./words";

const MOST = 6;

interface RunFormProps {
  set: { id: string; name: string };
  /** Who compares where nobody is chosen. */
  judge: string | null;
  chosen?: string[];
  onClose: () => void;
  onStarted: (runId: string) => void;
}

/** Which models answer the questions of a set, and who compares. */
export function RunForm({ set, judge: usual, chosen = [], onClose, onStarted }: RunFormProps) {
  const { t } = useLingui();
  const refName = useRefName();
  const { data: list } = useModels();
  const [models, setModels] = useState(chosen);
  const [judge, setJudge] = useState(usual ?? undefined);
  const [tried, setTried] = useState(false);
  const submit = async () => {
    setTried(true);
    if (!models.length) return false;
    onStarted((await startRun(set.id, models, judge)).id);
    return true;
  };
  return (
    <FormDialog title={set.name} action={<Trans>Run</Trans>} onClose={onClose} onSubmit={submit}>
      <div className="wide">
        <span className="label">
          <Trans>Models that answer</Trans>
        </span>
        {models.length ? (
          <ul className="eval-models" aria-label={t`Models that answer`}>
            {models.map((ref) => {
              const name = refName(ref);
              return (
                <li key={ref} className="tag">
                  <span className="break-words">{name}</span>
                  <IconButton
                    label={t`Remove ${name}`}
                    onClick={() => setModels(models.filter((one) => one !== ref))}
                  >
                    <X className="i-14" />
                  </IconButton>
                </li>
              );
            })}
          </ul>
        ) : null}
        <PickerPopover
          current={undefined}
          onPick={(ref) => setModels([...new Set([...models, ref])].slice(0, MOST))}
          trigger={
            <Button small disabled={models.length >= MOST}>
              <Plus />
              <Trans>Add a model</Trans>
            </Button>
          }
        />
        {tried && !models.length ? (
          <p className="field-error" role="alert">
            <Trans>Add at least one model.</Trans>
          </p>
        ) : null}
      </div>
      <div className="wide">
        <span className="label">
          <Trans>Judge</Trans>
        </span>
        <ModelButton model={findModel(list, judge)} missing={judge} onPick={setJudge} />
        <p className="hint sm">
          <Trans>
            Compares answers for questions with that rule. What stays in the house is judged there.
          </Trans>
        </p>
        {judge === undefined ? (
          <p className="hint sm">
            <Trans>
              Nobody can judge yet: there is no model in the house besides demonstrations. Pick a judge, or
              connect a provider.
            </Trans>
          </p>
        ) : findModel(list, judge)?.demonstration ? (
          <p className="field-error" role="status">
            <Trans>This is a demonstration model: its judgement is little better than chance.</Trans>
          </p>
        ) : null}
      </div>
    </FormDialog>
  );
}
