import { Trans, useLingui } from "@lingui/react/macro";
import type { SavingsReport } from "@/api/types";
import { count } from "@/lib/format";
import { money } from "../usage/words";
import { PathName } from "./path-name";
import { duration, signed } from "./words";

/** What saved it, and how long people waited on each path. */
export function Split({ report }: { report: SavingsReport }) {
  const { i18n } = useLingui();
  const { total, latency } = report;
  const hardware = money(i18n, total.house_usd);
  return (
    <div className="savings-half">
      <section className="card pad" aria-labelledby="saved-by">
        <h2 id="saved-by">
          <Trans>What saved it</Trans>
        </h2>
        <table className="plain-figures">
          <tbody>
            <tr>
              <th scope="row">
                <Trans>Routing</Trans>
                {total.house_usd > 0 ? (
                  <span className="hint sm">
                    <Trans>own hardware taken off: {hardware}</Trans>
                  </span>
                ) : null}
              </th>
              <td className="num">{signed(i18n, total.routing_usd)}</td>
            </tr>
            <tr>
              <th scope="row">
                <Trans>Cache</Trans>
              </th>
              <td className="num">{signed(i18n, total.cache_usd)}</td>
            </tr>
            <tr>
              <th scope="row">
                <Trans>Summaries of long chats</Trans>
              </th>
              <td className="num">{signed(i18n, total.compaction_usd)}</td>
            </tr>
          </tbody>
        </table>
      </section>
      <section className="card pad" aria-labelledby="waited">
        <h2 id="waited">
          <Trans>How long an answer took</Trans>
        </h2>
        <table className="plain-figures">
          <thead>
            <tr>
              <th scope="col">
                <Trans>Place</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>Answers</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>half within</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>95% within</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {latency.map((one) => (
              <tr key={one.path}>
                <th scope="row">
                  <PathName path={one.path} />
                </th>
                <td className="num">{count(i18n, one.calls)}</td>
                <td className="num">{duration(i18n, one.p50_ms)}</td>
                <td className="num">{duration(i18n, one.p95_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
