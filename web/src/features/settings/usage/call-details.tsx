import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { PassedOver, Route, UsageCall } from "@/api/types";
import { useAttemptWords, useChoiceWords } from "@/features/chat/message/route-words";
import { Chosen, PassedOverList } from "@/features/chat/message/why";
import { CopyButton } from "@/features/markdown/copy-button";
import { count, seconds } from "@/lib/format";
import { useCacheWords, useSourceWords } from "./words";

/** All that is written down of one call: who was tried and why that failed, who asked with which key, and its id. */
export function CallDetails({ call }: { call: UsageCall }) {
  const { i18n, t } = useLingui();
  const ends = useAttemptWords();
  const sources = useSourceWords();
  const caches = useCacheWords();
  const { error, request_id: request, tried, key_id: key } = call;
  const time = (ms: number | null) => {
    if (ms === null) return null;
    const passed = seconds(i18n, ms / 1000);
    return t`${passed} s`;
  };
  const number = (value: number | null) => (value === null ? null : count(i18n, value));
  const rows: [string, ReactNode][] = [
    [t`Reason`, error && !tried.length ? ends(error, call.model || call.requested) : null],
    [t`Person`, call.user_name ?? t`Deleted account`],
    [t`API key`, key ? (call.key_name ?? t`Deleted key`) : t`No key: the web app`],
    [t`Asked by`, sources[call.source]],
    [t`Tokens in`, number(call.input_tokens)],
    [t`of these from the cache`, call.cached_input_tokens ? number(call.cached_input_tokens) : null],
    [t`Tokens out`, number(call.output_tokens)],
    [t`of these for thinking`, call.reasoning_tokens ? number(call.reasoning_tokens) : null],
    [t`Counted by`, call.estimated ? t`this server, the provider told no counts` : null],
    [t`Time to first word`, time(call.first_token_ms)],
    [t`Place`, call.model ? (call.self_hosted ? t`in-house` : t`outside`) : null],
    [t`Cache`, call.cache ? (caches[call.cache] ?? call.cache) : null],
  ];
  return (
    <div className="call-details">
      {tried.length ? (
        <section aria-label={t`Attempts`}>
          <h3>
            <Trans>Tried in this order</Trans>
          </h3>
          <ol className="facts">
            {tried.map((one, index) => (
              <li key={index}>
                <span className="mono">{one.model}</span>
                <span>{[ends(one.error, one.model), time(one.ms)].filter(Boolean).join(" · ")}</span>
              </li>
            ))}
          </ol>
        </section>
      ) : null}
      <dl className="facts">
        {rows.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
        {request ? (
          <div className="call-request">
            <dt>
              <Trans>Request id</Trans>
            </dt>
            <dd>
              <span className="mono break-all">{request}</span>
              <CopyButton label={t`Copy the request id`} content={() => request} />
            </dd>
          </div>
        ) : null}
      </dl>
      {call.route ? <WhyChosen route={call.route as unknown as Route & { out?: PassedOver[] }} /> : null}
    </div>
  );
}

function WhyChosen({ route }: { route: Route & { out?: PassedOver[] } }) {
  const { t } = useLingui();
  const words = useChoiceWords();
  return (
    <section aria-label={t`Why this model`}>
      <h3>
        <Trans>Why this model</Trans>
      </h3>
      <p className="sm quiet">{words(route)}</p>
      <Chosen route={route} />
      {route.out?.length ? <PassedOverList skipped={route.out} /> : null}
    </section>
  );
}
