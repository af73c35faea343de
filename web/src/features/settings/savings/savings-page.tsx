import "@/styles/usage.css";
import "@/styles/savings.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMe } from "@/api/bootstrap";
import { useSavings } from "@/api/savings";
import type { SavingsReport } from "@/api/types";
import type { Span } from "@/api/usage";
import { Choice } from "../choice";
import { Loaded, Page } from "../page";
import { Chart } from "../usage/chart";
import { spanOf } from "../usage/periods";
import { Headline } from "./headline";
import { Notes } from "./notes";
import { SavedTable } from "./saved-table";
import { Split } from "./split";
import { WhatIfCard } from "./what-if-card";
import { baselineOf, daysOf, percent } from "./words";

const PERIODS = ["week", "month"] as const;
type By = "model" | "user" | "locality";

/** What routing and the cache kept from being spent: one's own, or everybody's for administrators. */
export function SavingsPage() {
  const { t } = useLingui();
  const admin = useMe().role === "admin";
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const period = PERIODS.find((one) => one === search.period) ?? "month";
  const groups: { value: By; label: string }[] = [
    { value: "model", label: t`Model` },
    ...(admin ? [{ value: "user" as const, label: t`Person` }] : []),
    { value: "locality", label: t`Place` },
  ];
  const by = groups.find((one) => one.value === search.group)?.value ?? "model";
  const span = useMemo(() => spanOf(period, Date.now()), [period]);
  const days = useSavings(span, "day");
  const table = useSavings(span, by);
  const change = (changes: { period?: string; group?: string }) =>
    void navigate({ to: ".", search: { period, group: by, ...changes }, replace: true });
  const baseline = days.data && baselineOf(days.data);
  return (
    <Page
      title={<Trans>Savings</Trans>}
      lead={
        baseline ? (
          <Trans>What was paid, beside what every answer from {baseline} would have cost.</Trans>
        ) : (
          <Trans>What was paid, beside what every answer from a premium model would have cost.</Trans>
        )
      }
      aside={
        <Choice
          label={t`Period`}
          value={period}
          onChange={(value) => change({ period: value })}
          options={[
            { value: "week", label: <Trans>7 days</Trans> },
            { value: "month", label: <Trans>30 days</Trans> },
          ]}
        />
      }
    >
      <Loaded query={days} bones={[90, 90, 40, 70, 60]}>
        {(report) =>
          report.total.calls + report.total.failed_calls === 0 ? (
            <p className="quiet usage-empty">
              <Trans>Nothing was asked in this time.</Trans>
            </p>
          ) : (
            <>
              <Headline report={report} />
              <div className={admin ? "savings-two" : undefined}>
                <Days report={report} span={span} />
                {admin ? <WhatIfCard /> : null}
              </div>
              <Split report={report} />
              <div className="section-head">
                <h2 className="big grow">
                  <Trans>In detail</Trans>
                </h2>
                <Choice
                  label={t`Group by`}
                  value={by}
                  onChange={(group) => change({ group })}
                  options={groups}
                />
              </div>
              <Loaded query={table}>
                {(found) => (
                  <SavedTable
                    report={found}
                    label={groups.find((one) => one.value === found.group_by)?.label ?? ""}
                  />
                )}
              </Loaded>
              <Notes total={report.total} baseline={baseline} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Days({ report, span }: { report: SavingsReport; span: Span }) {
  const { i18n, t } = useLingui();
  const parts = [
    { name: t`spent`, className: "outside" },
    { name: t`saved by routing`, className: "in-house" },
    { name: t`saved by the cache`, className: "cached" },
    { name: t`saved by summaries`, className: "folded" },
  ];
  const saved = percent(i18n, report.total.saved_share);
  return (
    <section className="card pad" aria-label={t`By day`}>
      <div className="over-time-head">
        <h2 className="grow">
          <Trans>By day</Trans>
        </h2>
        <span className="legend">
          {parts.map(({ name, className }) => (
            <span key={className} className="key">
              <i className={className} />
              {name}
            </span>
          ))}
        </span>
      </div>
      <Chart
        parts={parts}
        bars={daysOf(report.rows, span)}
        period="month"
        measure="cost"
        height={280}
        label={t`Spent and saved by day; saved in all: ${saved}`}
      />
    </section>
  );
}
