import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Check, Download, House } from "lucide-react";
import { startPull, usePulls } from "@/api/pulls";
import type { ModelInfo, Welcome } from "@/api/types";
import { Button } from "@/components/ui/button";
import { bytes } from "@/features/settings/format";
import { useSayFailure } from "@/features/settings/providers/failure";
import { PullProgress } from "@/features/settings/providers/pull-progress";
import { activeLocale } from "@/i18n";
import { Way } from "./way";

type Embedded = Welcome["embedded"];

const EMBEDDED = "embedded";

/** Asks a first question of this model. */
export type Begin = (question: string, model: string) => void;

interface BuiltInWayProps {
  embedded: Embedded;
  onBegin: Begin;
}

/** The model that comes with Freehold: ready, to be downloaded, or why it cannot run here. */
export function BuiltInWay({ embedded, onBegin }: BuiltInWayProps) {
  const { t } = useLingui();
  const { state } = embedded;
  const possible = state === "ready" || state === "not_downloaded" || state === "downloading";
  const model = modelFor(embedded, activeLocale());
  const ready = model?.installed === true;
  // here already, and not for this reader
  const foreign = embedded.model?.installed && embedded.model.id !== model?.id ? embedded.model.name : null;
  return (
    <Way
      where="in"
      icon={<House className="i-20" />}
      name={t`Built-in model`}
      first={possible}
      state={
        ready ? (
          <span className="ok">
            <Check className="i-14" />
            <Trans>ready</Trans>
          </span>
        ) : null
      }
    >
      {possible ? (
        <>
          <p>
            <Trans>
              Runs on the server itself, offline too. It is a very small demonstration model and often wrong:
              for real work, connect a provider.
            </Trans>
          </p>
          {foreign ? (
            <p>
              <Trans>{foreign} is here already, but speaks only English.</Trans>
            </p>
          ) : null}
          {model ? <Facts model={model} /> : null}
          {model && ready ? <Start model={model} onBegin={onBegin} /> : <Fetch model={model} />}
          <p className="way-more">
            <Link to="/settings/$section" params={{ section: "providers" }} search={{ provider: EMBEDDED }}>
              <Trans>Others, larger and in Chinese</Trans>
            </Link>
          </p>
        </>
      ) : (
        <Impossible state={state} />
      )}
    </Way>
  );
}

/** The recommended model that speaks the reader's language, one that is here before one that is not. */
function modelFor({ models = [], model }: Embedded, locale: string): ModelInfo | null {
  const language = locale.split("-")[0] ?? locale;
  const fitting = models.filter((item) => item.languages?.includes(language));
  return fitting.find((item) => item.installed) ?? fitting[0] ?? model;
}

function Facts({ model }: { model: ModelInfo }) {
  return (
    <dl className="facts">
      <div>
        <dt>
          <Trans>Model</Trans>
        </dt>
        <dd>{model.name}</dd>
      </div>
      {model.size_bytes ? (
        <div>
          <dt>
            <Trans>Size</Trans>
          </dt>
          <dd>{bytes(model.size_bytes)}</dd>
        </div>
      ) : null}
      {model.license ? (
        <div>
          <dt>
            <Trans>Licence</Trans>
          </dt>
          <dd>{model.license}</dd>
        </div>
      ) : null}
      {model.languages?.length ? (
        <div>
          <dt>
            <Trans>Speaks</Trans>
          </dt>
          <dd>{languageNames(model.languages)}</dd>
        </div>
      ) : null}
      <div>
        <dt>
          <Trans>Cost</Trans>
        </dt>
        <dd>
          <Trans>free</Trans>
        </dd>
      </div>
    </dl>
  );
}

function languageNames(codes: string[]): string {
  const names = new Intl.DisplayNames(activeLocale(), { type: "language" });
  return new Intl.ListFormat(activeLocale()).format(codes.map((code) => names.of(code) ?? code));
}

function Start({ model, onBegin }: { model: ModelInfo; onBegin: Begin }) {
  const { t } = useLingui();
  return (
    <Button variant="primary" onClick={() => onBegin(t`What can you help me with?`, model.ref)}>
      <Trans>Ask a first question</Trans>
    </Button>
  );
}

function Fetch({ model }: { model: ModelInfo | null }) {
  const say = useSayFailure();
  const pull = usePulls().data?.find(
    (item) =>
      item.provider_id === EMBEDDED &&
      item.model === model?.id &&
      (item.state === "running" || item.state === "failed"),
  );
  if (pull) return <PullProgress pull={pull} name={model?.name} />;
  if (!model) return null;
  const size = model.size_bytes ? bytes(model.size_bytes) : "";
  return (
    <Button variant="primary" onClick={() => void startPull(EMBEDDED, model.id).catch(say)}>
      <Download />
      <Trans>Download {size}</Trans>
    </Button>
  );
}

function Impossible({ state }: { state: Embedded["state"] }) {
  return state === "unsupported" ? (
    <p>
      <Trans>
        Not on this machine: its processor lacks AVX2, which the built-in model needs. Take one of the other
        two ways, or an Ollama on another machine.
      </Trans>
    </p>
  ) : (
    <>
      <p>
        <Trans>
          Not installed, or turned off in the settings of this server. It can be added later with:
        </Trans>
      </p>
      <code className="way-code">pip install 'freehold[embedded]'</code>
    </>
  );
}
