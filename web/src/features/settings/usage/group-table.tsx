import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, House } from "lucide-react";
import type { ReactNode } from "react";
import type { UsageGroup, UsageReport, UsageRow } from "@/api/types";
import { count } from "@/lib/format";
import { money, share } from "./words";

/** One line for each model, provider, person, key or place; the costliest first. */
export function GroupTable({ report, label }: { report: UsageReport; label: string }) {
  const { i18n, t } = useLingui();
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="table-wrap scroll usage-table" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{label}</th>
              <Head>
                <Trans>Calls</Trans>
              </Head>
              <Head>
                <Trans>Cost</Trans>
              </Head>
              <Head>
                <Trans>Tokens read</Trans>
              </Head>
              <Head>
                <Trans>Tokens written</Trans>
              </Head>
              <Head>
                <Trans>In-house</Trans>
              </Head>
            </tr>
          </thead>
          <tbody>
            {report.rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  <Name row={row} group={report.group} />
                </th>
                <Cell name={t`Calls`}>{count(i18n, row.calls)}</Cell>
                <Cell name={t`Cost`}>
                  <Cost row={row} />
                </Cell>
                <Cell name={t`Tokens read`}>{count(i18n, row.input_tokens)}</Cell>
                <Cell name={t`Tokens written`}>{count(i18n, row.output_tokens)}</Cell>
                <Cell name={t`In-house`}>{share(i18n, row.in_house_calls, row.calls)}</Cell>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {report.more ? (
        <p className="hint sm mt-2">
          <Trans>Only the {report.rows.length} costliest are shown. The CSV file has every call.</Trans>
        </p>
      ) : null}
    </>
  );
}

function Head({ children }: { children: ReactNode }) {
  return (
    <th scope="col" className="num">
      {children}
    </th>
  );
}

/** On a phone the row is a card, and each figure names itself. */
function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <td className="num" data-label={name}>
      {children}
    </td>
  );
}

function Name({ row, group }: { row: UsageRow; group: UsageGroup }) {
  if (group === "locality") {
    return row.key === "in_house" ? (
      <span className="where in">
        <House className="i-14" />
        <Trans>in-house</Trans>
      </span>
    ) : (
      <span className="where out">
        <Cloud className="i-14" />
        <Trans>outside</Trans>
      </span>
    );
  }
  if (group === "key" && row.key === "") return <Trans>No key: the web app</Trans>;
  if (group === "group" && row.key === "") return <Trans>In no group</Trans>;
  if (group === "user" || group === "key" || group === "group") {
    return (
      row.name ?? (
        <span className="quiet">
          {group === "user" ? <Trans>Deleted account</Trans> : <Trans>Deleted key</Trans>}
        </span>
      )
    );
  }
  return <span className="break-all">{row.key}</span>;
}

/** What is not known is not shown as nothing. */
function Cost({ row }: { row: UsageRow }) {
  const { i18n } = useLingui();
  if (row.unpriced_calls === 0) return row.cost_usd === 0 ? <Trans>free</Trans> : money(i18n, row.cost_usd);
  if (row.cost_usd === 0) return <Trans>unknown</Trans>;
  const known = money(i18n, row.cost_usd);
  return <Trans>{known} or more</Trans>;
}
