import { Trans, useLingui } from "@lingui/react/macro";
import { Play, Square } from "lucide-react";
import type { FormEvent } from "react";
import type { ModelInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { useKeysLabel } from "@/features/commands/use-keys";
import { ModelButton } from "@/features/picker/model-button";
import { Area } from "./area";
import { Forms, Parameters } from "./fields";
import { Messages } from "./messages";
import type { Ask, Dialect } from "./request";

export interface FieldsProps {
  ask: Ask;
  set: (change: Partial<Ask>) => void;
  wrong: ReadonlySet<keyof Ask>;
  model: ModelInfo | undefined;
}

interface AskFormProps extends FieldsProps {
  running: boolean;
  onSend: (event: FormEvent) => void;
  onStop: () => void;
}

const DIALECT_NAMES: Record<Dialect, string> = {
  openai_chat: "OpenAI Chat",
  openai_responses: "OpenAI Responses",
  anthropic_messages: "Anthropic",
  ollama_chat: "Ollama",
};

/** The request as a form. */
export function AskForm({ running, onSend, onStop, ...fields }: AskFormProps) {
  const { t } = useLingui();
  const { ask, set, model } = fields;
  const keys = useKeysLabel("playground.run");
  return (
    <form className="request-form" aria-label={t`Request`} noValidate onSubmit={onSend}>
      <div className="ask-fields">
        <div className="ask-pair">
          <div className="min-w-0">
            <span className="label" aria-hidden="true">
              <Trans>Model</Trans>
            </span>
            <div className="field ask-model">
              <ModelButton model={model} missing={ask.model} onPick={(picked) => set({ model: picked })} />
            </div>
          </div>
          <div className="min-w-0">
            <span className="label" aria-hidden="true">
              <Trans>API</Trans>
            </span>
            <Select
              label={t`API`}
              value={ask.dialect}
              onChange={(dialect) => set({ dialect })}
              options={(Object.keys(DIALECT_NAMES) as Dialect[]).map((value) => ({
                value,
                label: DIALECT_NAMES[value],
              }))}
            />
          </div>
        </div>
        <Area label={t`System prompt`} rows={2} value={ask.system} onChange={(system) => set({ system })} />
        <Messages {...fields} />
        <Parameters {...fields} />
        <Forms {...fields} />
      </div>
      <div className="ask-foot">
        <span className="row">
          <Switch label={t`Stream`} checked={ask.stream} onChange={(stream) => set({ stream })} />
          <span aria-hidden="true">
            <Trans>Stream</Trans>
          </span>
        </span>
        <span className="grow" />
        {running ? (
          // keys: as one element the click that stops would find a button that submits
          <Button key="stop" onClick={onStop}>
            <Square className="i-14" />
            <Trans>Stop</Trans>
          </Button>
        ) : (
          <Button key="run" variant="primary" type="submit" disabled={!model}>
            <Play className="i-14" />
            <Trans>Run</Trans>
            <span className="kbd only-wide">{keys}</span>
          </Button>
        )}
      </div>
    </form>
  );
}
