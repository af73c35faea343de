import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, House, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { findModel, useModels } from "@/api/models";
import { count, dollars, seconds } from "@/lib/format";
import { costOf, type Result, speedOf } from "./run";

/** The words, what the model thought and called, and the figures. */
export function AnswerView({ result }: { result: Result }) {
  const { text, reasoning, calls, error, state } = result;
  return (
    <div aria-busy={state === "running"}>
      <Figures result={result} />
      {error ? (
        <div className="note result-error" role="alert">
          <TriangleAlert />
          <span className="min-w-0">
            <b>
              {result.status && result.status !== 200 ? `HTTP ${result.status}` : <Trans>Broken off</Trans>}
            </b>{" "}
            {error}
          </span>
        </div>
      ) : null}
      {reasoning ? (
        <details className="more result-block">
          <summary>
            <Trans>Thinking</Trans>
          </summary>
          <p className="result-text quiet">{reasoning}</p>
        </details>
      ) : null}
      {text ? <p className="result-text">{text}</p> : null}
      {calls.map((call, index) => (
        <pre key={`${index}`} className="args mono result-block">
          {call.name}({call.arguments})
        </pre>
      ))}
      <p className="visually-hidden" role="status">
        {state === "done" ? <Trans>The answer is complete.</Trans> : null}
        {state === "stopped" ? <Trans>Stopped.</Trans> : null}
      </p>
    </div>
  );
}

function Figures({ result }: { result: Result }) {
  const { t, i18n } = useLingui();
  const { data: models } = useModels();
  const header = (name: string) => result.headers.find(([key]) => key === name)?.[1];
  const answered = header("x-freehold-model");
  const model = findModel(models, answered);
  const inHouse = header("x-freehold-self-hosted") === "true";
  const speed = speedOf(result);
  const cost = header("x-freehold-cache") === "hit" ? 0 : costOf(result.counts, model);
  const passed = (ms: number) => {
    const value = seconds(i18n, ms / 1000);
    return t`${value} s`;
  };
  const pace = speed === null ? "" : count(i18n, speed);
  const facts: [string, ReactNode][] = [
    [t`First token`, result.firstToken === null ? null : passed(result.firstToken)],
    [t`In all`, result.state === "running" ? null : passed(result.total)],
    [t`Speed`, pace ? t`${pace} tok/s` : null],
    [t`Tokens in`, result.counts ? count(i18n, result.counts.input) : null],
    [t`Tokens out`, result.counts ? count(i18n, result.counts.output) : null],
    [t`Cost`, cost === null ? null : cost === 0 ? t`free` : dollars(cost)],
    [t`Cache`, header("x-freehold-cache") ?? null],
    [t`Ended by`, result.state === "stopped" ? t`you` : result.finish || null],
  ];
  return (
    <>
      {answered ? (
        <p className={`result-line sm font-medium ${inHouse ? "in" : "out"}`}>
          {inHouse ? <House className="i-14" /> : <Cloud className="i-14" />}
          <span className="clip">{model?.name ?? answered}</span>
        </p>
      ) : null}
      <dl className="result-figures">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}
