import { Trans, useLingui } from "@lingui/react/macro";
import { Download } from "lucide-react";
import { type FormEvent, useState } from "react";
import { startPull, usePulls } from "@/api/pulls";
import type { ModelInfo, ProviderInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { bytes } from "../format";
import { useSayFailure } from "./failure";
import { useModelWords } from "./model-words";
import { PullProgress } from "./pull-progress";

/** Models that can be brought to this provider's disk, and those on their way. */
export function Downloads({ provider, models }: { provider: ProviderInfo; models: ModelInfo[] }) {
  const pulls = (usePulls().data ?? []).filter((pull) => pull.provider_id === provider.id);
  const under = pulls.filter((pull) => pull.state === "running" || pull.state === "failed");
  const offers = models.filter((model) => !model.installed && !under.some((pull) => pull.model === model.id));
  const nameOf = (id: string) => models.find((model) => model.id === id)?.name ?? id;
  return (
    <section aria-labelledby="downloads-title">
      <div className="section-head">
        <h2 id="downloads-title">
          <Trans>Download</Trans>
        </h2>
      </div>
      {under.length ? (
        <div className="pulls" aria-live="polite">
          {under.map((pull) => (
            <PullProgress key={pull.id} pull={pull} name={nameOf(pull.model)} />
          ))}
        </div>
      ) : null}
      {provider.kind === "ollama" ? <PullByName provider={provider} /> : null}
      {offers.length ? (
        <ul className="card rows">
          {offers.toSorted(bySize).map((model) => (
            <Offer key={model.id} model={model} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function bySize(one: ModelInfo, other: ModelInfo): number {
  return (one.size_bytes ?? 0) - (other.size_bytes ?? 0);
}

function Offer({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const words = useModelWords()(model);
  const facts = [model.size_bytes ? bytes(model.size_bytes) : null, model.license]
    .filter(Boolean)
    .join(" · ");
  return (
    <li>
      <span className="grow">
        <b>{model.name}</b>
        {words ? <span className="quiet sm">{words}</span> : null}
        <span className="hint sm">{facts}</span>
      </span>
      <Button
        small
        aria-label={t`Download ${model.name}`}
        onClick={() => void startPull(model.provider_id, model.id).catch(say)}
      >
        <Download className="i-14" />
        <Trans>Download</Trans>
      </Button>
    </li>
  );
}

/** Ollama's library is large; a model is named as `ollama pull` names it. */
function PullByName({ provider }: { provider: ProviderInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [name, setName] = useState("");
  const pull = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim().replace(/^ollama\s+(pull|run)\s+/, "");
    if (!wanted) return;
    try {
      await startPull(provider.id, wanted);
      setName("");
    } catch (error) {
      say(error);
    }
  };
  return (
    <form className="pull-new" onSubmit={(event) => void pull(event)}>
      <TextField
        label={t`Name of the model`}
        className="mono-field"
        placeholder="qwen3:8b"
        value={name}
        maxLength={400}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => setName(event.target.value)}
        hint={
          <Trans>
            As{" "}
            <a href="https://ollama.com/library" target="_blank" rel="noreferrer">
              Ollama's library
            </a>{" "}
            writes it.
          </Trans>
        }
        after={
          <Button type="submit" variant="ghost" small className="field-add" disabled={!name.trim()}>
            <Download className="i-14" />
            <Trans>Download</Trans>
          </Button>
        }
      />
    </form>
  );
}
