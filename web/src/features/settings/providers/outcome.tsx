import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { CircleCheck, TriangleAlert } from "lucide-react";
import type { CheckResult } from "@/api/types";
import { latency } from "../format";
import { failureDetails, type Tried, useFailure } from "./failure";

interface OutcomeProps {
  result?: CheckResult | null;
  /** For requests that failed. */
  thrown?: unknown;
  tried?: Tried;
}

/** What trying a provider brought: a sentence, or why not and what to do. */
export function Outcome({ result, thrown, tried }: OutcomeProps) {
  const { t } = useLingui();
  const failure = useFailure();
  const error = thrown ?? (result && !result.ok ? (result.error ?? {}) : null);
  if (error) {
    const { what, next } = failure(error, tried);
    const details = failureDetails(error);
    return (
      <div className="check-fail" role="alert">
        <TriangleAlert />
        <span>
          <b>{what}</b> {next}
          {details ? (
            <details className="mt-2">
              <summary className="sm">
                <Trans>Details</Trans>
              </summary>
              <pre className="args mono">{details}</pre>
            </details>
          ) : null}
        </span>
      </div>
    );
  }
  if (!result) return null;
  const models = t`${plural(result.models?.length ?? 0, { one: "# model", other: "# models" })}`;
  const time = result.latency_ms == null ? null : latency(result.latency_ms);
  return (
    <p className="check-ok" role="status">
      <CircleCheck />
      <span>
        <b>
          <Trans>Works.</Trans>
        </b>{" "}
        {time ? (
          <Trans>
            Answered in {time} and offers {models}.
          </Trans>
        ) : (
          <Trans>It offers {models}.</Trans>
        )}
      </span>
    </p>
  );
}
