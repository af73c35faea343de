import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Check, Download, House } from "lucide-react";
import { startPull, usePulls } from "@/api/pulls";
import type { ModelInfo, Welcome } from "@/api/types";
import { Button } from "@/components/ui/button";
import { bytes } from "@/features/settings/format";
import { useSayFailure } from "@/features/settings/providers/failure";
import { PullProgress } from "@/features/settings/providers/pull-progress";
import { Way } from "./way";

type Embedded = Welcome["embedded"];

const EMBEDDED = "embedded";

/** The model that comes with Freehold: ready, to be downloaded, or why it cannot run here. */
export function BuiltInWay({ embedded: { state, model } }: { embedded: Embedded }) {
  const { t } = useLingui();
  const ready = state === "ready";
  const possible = ready || state === "not_downloaded" || state === "downloading";
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
          {model ? <Facts model={model} /> : null}
          {ready ? <Begin /> : <Fetch model={model} />}
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

function Begin() {
  return (
    <Button
      variant="primary"
      onClick={() => document.querySelector<HTMLTextAreaElement>(".composer-text")?.focus()}
    >
      <Trans>Start right away</Trans>
    </Button>
  );
}

function Fetch({ model }: { model: ModelInfo | null }) {
  const say = useSayFailure();
  const pull = usePulls().data?.find(
    (item) => item.provider_id === EMBEDDED && (item.state === "running" || item.state === "failed"),
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
