import { Trans, useLingui } from "@lingui/react/macro";
import { RotateCcw, TriangleAlert, X } from "lucide-react";
import { cancelPull, startPull } from "@/api/pulls";
import type { Pull } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { activeLocale } from "@/i18n";
import { bytes, duration } from "../format";
import { useFailure, useSayFailure } from "./failure";

/** A download: how far, how fast, how long still; stop it, or go on after a failure. */
export function PullProgress({ pull, name = pull.model }: { pull: Pull; name?: string }) {
  return pull.state === "running" ? (
    <Running pull={pull} name={name} />
  ) : pull.state === "failed" ? (
    <Failed pull={pull} name={name} />
  ) : null;
}

function Running({ pull, name }: { pull: Pull; name: string }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const percent = pull.total ? Math.min(100, Math.floor((100 * pull.completed) / pull.total)) : null;
  return (
    <div className="pull">
      <div className="row">
        <span className="grow clip">
          <Trans>
            Downloading <b>{name}</b>
          </Trans>
        </span>
        {percent === null ? null : <span className="quiet">{percent}%</span>}
        <IconButton
          className="field-btn"
          label={t`Stop the download of ${name}`}
          onClick={() => void cancelPull(pull.id).catch(say)}
        >
          <X className="i-14" />
        </IconButton>
      </div>
      <div
        className={`bar ${percent === null ? "is-open" : ""}`}
        role="progressbar"
        aria-label={t`Download of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
      >
        <i style={percent === null ? undefined : { width: `${percent}%` }} />
      </div>
      <div className="hint">
        <PullFacts pull={pull} />
      </div>
    </div>
  );
}

/** "6.1 of 9.3 GB · 84 MB/s · 38 s left", as far as it is known. */
function PullFacts({ pull }: { pull: Pull }) {
  if (!pull.total) return <Trans>Looking for it</Trans>;
  if (pull.completed >= pull.total) return <Trans>Checking the file</Trans>;
  const done = bytes(pull.completed);
  const total = bytes(pull.total);
  const speed = pull.speed ? bytes(pull.speed) : null;
  const left = pull.speed
    ? duration((pull.total - pull.completed) / pull.speed, activeLocale(), "short")
    : null;
  return (
    <>
      <Trans>
        {done} of {total}
      </Trans>
      {speed ? ` · ${speed}/s` : null}
      {left ? (
        <>
          {" · "}
          <Trans>{left} left</Trans>
        </>
      ) : null}
    </>
  );
}

function Failed({ pull, name }: { pull: Pull; name: string }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const { what, next } = useFailure()(pull.error ?? {});
  const again = async () => {
    await cancelPull(pull.id);
    await startPull(pull.provider_id, pull.model);
  };
  return (
    <div className="pull" role="alert">
      <div className="row">
        <TriangleAlert className="i-14 text-danger" />
        <span className="grow clip">
          <Trans>
            <b>{name}</b> was not downloaded
          </Trans>
        </span>
        <IconButton
          className="field-btn"
          label={t`Go on with ${name}`}
          onClick={() => void again().catch(say)}
        >
          <RotateCcw className="i-14" />
        </IconButton>
        <IconButton
          className="field-btn"
          label={t`Take it from the list`}
          onClick={() => void cancelPull(pull.id).catch(say)}
        >
          <X className="i-14" />
        </IconButton>
      </div>
      <div className="hint">
        {what} {next}
      </div>
    </div>
  );
}
