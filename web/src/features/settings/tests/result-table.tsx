import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { isOpen } from "@/api/evals";
import type { EvalReport, ModelResult } from "@/api/types";
import { count, seconds } from "@/lib/format";
import { money, share } from "../usage/words";
import { useRefName } from "./words";

/** One line for each model, and one for the answers that were got then. On a phone the line is a card. */
export function ResultTable({ report }: { report: EvalReport }) {
  const { i18n, t } = useLingui();
  const refName = useRefName();
  const time = (ms: number | null) => (ms === null ? "–" : `${seconds(i18n, ms / 1000)} s`);
  const cost = (usd: number, unknown: number) => (unknown ? `${money(i18n, usd)} + ?` : money(i18n, usd));
  const heads = [t`Passed`, t`Cost`, t`Median`, t`95th percentile`, t`In the house`, t`No answer`];
  const line = (key: string, name: ReactNode, cells: ReactNode[]) => (
    <tr key={key}>
      <th scope="row">{name}</th>
      {cells.map((cell, place) => (
        <td key={heads[place]} className="num" data-label={heads[place]}>
          {cell}
        </td>
      ))}
    </tr>
  );
  const { then } = report;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-wrap scroll usage-table eval-table" aria-label={t`Results`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Model</Trans>
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.results.map((one) =>
            line(one.model, <span className="break-words">{refName(one.model)}</span>, [
              <Passed key="passed" result={one} open={isOpen(report.run)} />,
              cost(one.cost_usd, one.price_unknown),
              time(one.p50_ms),
              time(one.p95_ms),
              share(i18n, one.in_house, one.answers),
              <Gaps key="gaps" result={one} />,
            ]),
          )}
          {then
            ? line(
                "then",
                <span className="quiet">
                  <Trans>The answers you got then</Trans>
                </span>,
                [
                  "–",
                  cost(then.cost_usd, then.price_unknown),
                  time(then.p50_ms),
                  time(then.p95_ms),
                  share(i18n, then.in_house, then.answers),
                  "–",
                ],
              )
            : null}
        </tbody>
      </table>
    </section>
  );
}

/** The share with its interval, as words and as a line. */
function Passed({ result, open }: { result: ModelResult; open: boolean }) {
  const { i18n, t } = useLingui();
  const { rate, low, high, judged, unjudged, passed, better, worse, answers, failed, skipped } = result;
  const unjudgedWords = <Plural value={unjudged} one="# not judged" other="# not judged" />;
  if (rate === null || low === null || high === null)
    return (
      <span className="quiet">
        {unjudged ? (
          unjudgedWords
        ) : answers + failed + skipped === 0 ? (
          open ? (
            <Trans>waiting</Trans>
          ) : (
            <Trans>not asked yet</Trans>
          )
        ) : (
          <Trans>nobody judged</Trans>
        )}
      </span>
    );
  const percent = (value: number) => i18n.number(100 * value, { maximumFractionDigits: 0 });
  const from = percent(low);
  const to = percent(high);
  return (
    <span className="eval-passed">
      <span>
        <b>{share(i18n, passed, judged)}</b>{" "}
        <span className="quiet sm" title={t`With 95 % certainty between ${from} and ${to} %`}>
          <Trans>
            {from}–{to}%
          </Trans>
        </span>
      </span>
      <svg className="interval" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="track" width="100" height="2" y="3" />
        <rect
          className="span"
          x={100 * low}
          width={Math.max(1, 100 * (high - low))}
          height="6"
          y="1"
          rx="1"
        />
        <rect className="at" x={Math.min(98.5, Math.max(0, 100 * rate - 0.75))} width="1.5" height="8" />
      </svg>
      {unjudged ? <span className="quiet sm">{unjudgedWords}</span> : null}
      {better + worse > 0 ? (
        <span className="quiet sm">
          <Plural value={better} one="# better" other="# better" />
          {", "}
          <Plural value={worse} one="# worse" other="# worse" />
        </span>
      ) : null}
    </span>
  );
}

function Gaps({ result: { failed, skipped } }: { result: ModelResult }) {
  const { i18n } = useLingui();
  if (!skipped) return count(i18n, failed);
  return (
    <span>
      {count(i18n, failed)}{" "}
      <span className="quiet sm">
        <Plural value={skipped} one="+ # not asked" other="+ # not asked" />
      </span>
    </span>
  );
}
