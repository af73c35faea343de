import { Trans, useLingui } from "@lingui/react/macro";
import type { Bar, Measure, Period } from "./periods";
import { figure, longDay } from "./words";

/** The same as the chart, in figures; the newest first, and only days on which something was asked. */
export function DayTable({ bars, period, measure }: { bars: Bar[]; period: Period; measure: Measure }) {
  const { i18n, t } = useLingui();
  const used = bars.filter((bar) => bar.inHouse + bar.outside > 0).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-wrap scroll day-table" aria-label={t`By day, in figures`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{period === "year" ? <Trans>Month</Trans> : <Trans>Day (UTC)</Trans>}</th>
            <th scope="col" className="num">
              <Trans>In-house</Trans>
            </th>
            <th scope="col" className="num">
              <Trans>Outside</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {used.map((bar) => (
            <tr key={bar.key}>
              <td>{longDay(i18n, bar.key, period)}</td>
              <td className="num">{figure(i18n, bar.inHouse, measure)}</td>
              <td className="num">{figure(i18n, bar.outside, measure)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
