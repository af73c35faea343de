import { Trans, useLingui } from "@lingui/react/macro";
import type { SavedRow, SavingsReport } from "@/api/types";
import { count } from "@/lib/format";
import { money, share } from "../usage/words";
import { PathName } from "./path-name";
import { percent, signed } from "./words";

/** One line for each model, person or place; what saved most first. On a phone the line is a card. */
export function SavedTable({ report, label }: { report: SavingsReport; label: string }) {
  const { i18n, t } = useLingui();
  const heads = [
    t`Answers`,
    t`Premium share`,
    t`Spent`,
    t`At the baseline`,
    t({ message: "Saved", context: "money" }),
    t`Not compared`,
  ];
  const cells = (row: SavedRow) => [
    count(i18n, row.calls),
    share(i18n, row.premium_calls, row.calls),
    money(i18n, row.spent_usd),
    money(i18n, row.baseline_usd),
    row.saved_share === null || row.baseline_usd === 0
      ? signed(i18n, row.saved_usd)
      : `${signed(i18n, row.saved_usd)} · ${percent(i18n, row.saved_share)}`,
    count(i18n, row.not_compared_calls),
  ];
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="table-wrap scroll usage-table" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{label}</th>
              {heads.map((head) => (
                <th key={head} scope="col" className="num">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  <Name row={row} by={report.group_by} />
                </th>
                {cells(row).map((cell, place) => (
                  <td key={heads[place]} className="num" data-label={heads[place]}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {report.more ? (
        <p className="hint sm mt-2">
          <Trans>Only the first {report.rows.length} are shown.</Trans>
        </p>
      ) : null}
    </>
  );
}

function Name({ row, by }: { row: SavedRow; by: SavingsReport["group_by"] }) {
  if (by === "locality") return <PathName path={row.key} />;
  if (by === "user")
    return (
      row.name ?? (
        <span className="quiet">
          <Trans>Deleted account</Trans>
        </span>
      )
    );
  return <span className="break-all">{row.key}</span>;
}
