import { Trans, useLingui } from "@lingui/react/macro";
import { CircleAlert, CircleCheck, CircleStop } from "lucide-react";
import type { ReactNode } from "react";
import { seconds } from "@/lib/format";
import { type Language, LIMIT_MS } from "./protocol";
import type { Result } from "./use-run";

/** How a run stands, for eyes and ears. */
export function Status({ result, language }: { result: Result; language: Language }) {
  const { i18n } = useLingui();
  const { state, line } = result;
  const time = seconds(i18n, result.seconds ?? 0);
  const limit = LIMIT_MS / 1000;
  const said: Record<Result["state"], ReactNode> = {
    loading: language === "python" ? <Trans>Getting Python ready</Trans> : <Trans>Getting ready</Trans>,
    running: <Trans>Running</Trans>,
    ended: <Trans>Done in {time} s</Trans>,
    failed: line ? <Trans>Failed in line {line}</Trans> : <Trans>Failed</Trans>,
    stopped: <Trans>Stopped by you.</Trans>,
    late: <Trans>Stopped after {limit} seconds, the most that code may run.</Trans>,
    unavailable: <Trans>The code could not be started. Reload the page and try again.</Trans>,
  };
  return (
    <>
      <Mark state={state} />
      <p role="status">{said[state]}</p>
    </>
  );
}

function Mark({ state }: { state: Result["state"] }) {
  if (state === "loading" || state === "running") return <span className="pulse" />;
  if (state === "ended") return <CircleCheck className="i-14 run-mark" />;
  if (state === "stopped") return <CircleStop className="i-14" />;
  return <CircleAlert className="i-14 run-mark is-bad" />;
}
