import { Trans, useLingui } from "@lingui/react/macro";
import { ChartColumn, Table } from "lucide-react";
import { useState } from "react";
import type { UsageRow } from "@/api/types";
import type { Span } from "@/api/usage";
import { IconButton } from "@/components/ui/icon-button";
import { Choice } from "../choice";
import { Chart } from "./chart";
import { DayTable } from "./day-table";
import { barsOf, type Measure, type Period } from "./periods";
import { figure } from "./words";

/** Day by day, as a chart or in figures. */
export function OverTime({ rows, span, period }: { rows: UsageRow[]; span: Span; period: Period }) {
  const { i18n, t } = useLingui();
  const [measure, setMeasure] = useState<Measure>("tokens");
  const [figures, setFigures] = useState(false);
  const bars = barsOf(rows, span, period, measure);
  const inHouse = figure(
    i18n,
    bars.reduce((sum, bar) => sum + bar.inHouse, 0),
    measure,
  );
  const outside = figure(
    i18n,
    bars.reduce((sum, bar) => sum + bar.outside, 0),
    measure,
  );
  const names = { tokens: t`Tokens`, calls: t`Calls`, cost: t`Cost` };
  const name = names[measure];
  return (
    <section className="card pad" aria-label={t`Over time`}>
      <div className="over-time-head">
        <Choice
          label={t`Shown`}
          value={measure}
          onChange={setMeasure}
          options={(["tokens", "calls", "cost"] as const).map((value) => ({ value, label: names[value] }))}
        />
        <span className="grow" />
        <span className="legend">
          {measure === "cost" ? null : (
            <span className="key">
              <i className="in-house" />
              <Trans>in-house</Trans>
            </span>
          )}
          <span className="key">
            <i className="outside" />
            <Trans>outside</Trans>
          </span>
        </span>
        <IconButton
          label={figures ? t`Show as a chart` : t`Show in figures`}
          onClick={() => setFigures(!figures)}
        >
          {figures ? <ChartColumn /> : <Table />}
        </IconButton>
      </div>
      {figures ? (
        <DayTable bars={bars} period={period} measure={measure} />
      ) : (
        <Chart
          parts={[
            { name: t`in-house`, className: "in-house" },
            { name: t`outside`, className: "outside" },
          ]}
          bars={bars.map((bar) => ({ key: bar.key, values: [bar.inHouse, bar.outside] }))}
          period={period}
          measure={measure}
          label={t`${name} over time: in-house ${inHouse}, outside ${outside}`}
        />
      )}
    </section>
  );
}
