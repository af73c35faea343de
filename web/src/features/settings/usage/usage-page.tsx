import "@/styles/usage.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useMemo } from "react";
import { useMe } from "@/api/bootstrap";
import type { UsageGroup, UsageSums } from "@/api/types";
import { csvAddress, type Span, useBudgets, useUsage } from "@/api/usage";
import { Select } from "@/components/ui/select";
import { count } from "@/lib/format";
import { Choice } from "../choice";
import { Loaded, Page } from "../page";
import { BudgetList } from "./budget-list";
import { Calls } from "./calls";
import { GroupTable } from "./group-table";
import { OverTime } from "./over-time";
import { PERIODS, type Period, spanOf } from "./periods";
import { money, share } from "./words";

/** What was asked, where it was computed and what it cost: one's own, or everybody's for administrators. */
export function UsagePage() {
  const { t } = useLingui();
  const me = useMe();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const period: Period = PERIODS.find((one) => one === search.period) ?? "month";
  const single = search.view === "calls";
  const span = useMemo(() => spanOf(period, Date.now()), [period]);
  // the address names them in the same order whatever was changed first
  const change = (changes: Partial<typeof search>) =>
    void navigate({
      to: ".",
      search: { period: search.period, group: search.group, ...search, ...changes },
      replace: true,
    });
  return (
    <Page
      title={<Trans>Usage</Trans>}
      lead={
        me.role === "admin" ? (
          <Trans>What everybody asked, where it was computed and what it cost.</Trans>
        ) : (
          <Trans>What you asked, where it was computed and what it cost.</Trans>
        )
      }
      aside={
        <div className="usage-tools">
          <Choice
            label={t`Period`}
            value={period}
            onChange={(value) => change({ period: value })}
            options={[
              { value: "week", label: <Trans>7 days</Trans> },
              { value: "month", label: <Trans>30 days</Trans> },
              { value: "year", label: <Trans>12 months</Trans> },
            ]}
          />
          <a
            className="btn btn-outline btn-sm"
            href={csvAddress(span)}
            download
            title={t`Every single call, as CSV`}
          >
            <Download className="i-14" />
            CSV
          </a>
        </div>
      }
    >
      <div className="usage-view">
        <Choice
          label={t`View`}
          value={single ? "calls" : "sums"}
          onChange={(value) => change({ view: value === "calls" ? value : undefined })}
          options={[
            { value: "sums", label: <Trans>Sums</Trans> },
            { value: "calls", label: <Trans>Single calls</Trans> },
          ]}
        />
      </div>
      {single ? (
        <Calls span={span} status={search.status} request={search.request ?? ""} onChange={change} />
      ) : (
        <SumsView span={span} period={period} onChange={change} />
      )}
    </Page>
  );
}

interface SumsViewProps {
  span: Span;
  period: Period;
  onChange: (changes: { group: UsageGroup }) => void;
}

/** Added up: over time, by whatever one asks for, and the budgets. */
function SumsView({ span, period, onChange }: SumsViewProps) {
  const { t } = useLingui();
  const groups = useGroups(useMe().role === "admin");
  const search = useSearch({ strict: false });
  const group = groups.find((one) => one.value === search.group)?.value ?? "model";
  const days = useUsage(span, period === "year" ? "month" : "day");
  const table = useUsage(span, group);
  const budgets = useBudgets();
  return (
    <>
      <Loaded query={days} bones={[90, 90, 40, 70, 60]}>
        {(report) =>
          report.total.calls === 0 ? (
            <p className="quiet usage-empty">
              <Trans>Nothing was asked in this time.</Trans>
            </p>
          ) : (
            <>
              {/* of the same answer as the rows below, which may be newer than the days */}
              <Headline total={(table.data ?? report).total} />
              <OverTime rows={report.rows} span={span} period={period} />
              <div className="section-head">
                <h2 className="big grow">
                  <Trans>In detail</Trans>
                </h2>
                <Select
                  label={t`Group by`}
                  value={group}
                  onChange={(value) => onChange({ group: value })}
                  options={groups}
                  className="group-by"
                />
              </div>
              <Loaded query={table}>
                {(found) => (
                  <GroupTable
                    report={found}
                    label={groups.find((one) => one.value === found.group)?.label ?? ""}
                  />
                )}
              </Loaded>
              <Notes total={(table.data ?? report).total} />
            </>
          )
        }
      </Loaded>
      <BudgetList budgets={budgets.data ?? []} />
    </>
  );
}

/** By person only for those who see more than themselves. */
function useGroups(everybody: boolean): { value: UsageGroup; label: string }[] {
  const { t } = useLingui();
  return [
    { value: "model", label: t`Model` },
    { value: "provider", label: t`Provider` },
    ...(everybody
      ? [
          { value: "user" as const, label: t`Person` },
          { value: "group" as const, label: t`Group` },
        ]
      : []),
    { value: "key", label: t`API key` },
    { value: "locality", label: t`Place` },
  ];
}

function Headline({ total }: { total: UsageSums }) {
  const { i18n } = useLingui();
  const read = count(i18n, total.input_tokens);
  const written = count(i18n, total.output_tokens);
  const failed = count(i18n, total.failed_calls);
  const inHouse = count(i18n, total.in_house_calls);
  return (
    <dl className="headline">
      <div>
        <dt>
          <Trans>Cost</Trans>
        </dt>
        <dd className="serif">
          {total.cost_usd === 0 && !total.unpriced_calls ? <Trans>free</Trans> : money(i18n, total.cost_usd)}
        </dd>
        <dd className="quiet">
          {total.unpriced_calls ? <Trans>and what has no known price</Trans> : <Trans>by price list</Trans>}
        </dd>
      </div>
      <div>
        <dt>
          <Trans>In-house</Trans>
        </dt>
        <dd className="serif accent">{share(i18n, total.in_house_calls, total.calls)}</dd>
        <dd className="quiet">
          <Trans>{inHouse} of the calls</Trans>
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Calls</Trans>
        </dt>
        <dd className="serif">{count(i18n, total.calls)}</dd>
        <dd className="quiet">
          {total.failed_calls ? <Trans>{failed} of them failed</Trans> : <Trans>none failed</Trans>}
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Tokens</Trans>
        </dt>
        <dd className="serif">
          {i18n.number(total.input_tokens + total.output_tokens, {
            notation: "compact",
            maximumSignificantDigits: 3,
          })}
        </dd>
        <dd className="quiet">
          <Trans>
            {read} read, {written} written
          </Trans>
        </dd>
      </div>
    </dl>
  );
}

/** What these figures are not. */
function Notes({ total }: { total: UsageSums }) {
  const { i18n } = useLingui();
  const estimated = count(i18n, total.estimated_calls);
  const unpriced = count(i18n, total.unpriced_calls);
  return (
    <ul className="hint sm usage-notes">
      <li>
        <Trans>Cost is what the price lists say; the provider's invoice decides. Days are UTC.</Trans>
      </li>
      {total.estimated_calls ? (
        <li>
          <Trans>Tokens were estimated where the provider counted none, in so many calls: {estimated}.</Trans>
        </li>
      ) : null}
      {total.unpriced_calls ? (
        <li>
          <Trans>The price was unknown in so many calls, which the cost leaves out: {unpriced}.</Trans>
        </li>
      ) : null}
    </ul>
  );
}
