/** Figures of the savings page in the reader's language. */
import type { I18n } from "@lingui/core";
import type { SavedRow, SavingsReport } from "@/api/types";
import type { Span } from "@/api/usage";
import { money } from "../usage/words";

/** "$1,284.70", "−$0.02": what was saved can be less than nothing. */
export function signed(i18n: I18n, usd: number): string {
  return usd < 0 ? `−${money(i18n, -usd)}` : money(i18n, usd);
}

/** "71%", "−12%"; a dash where nothing was compared. */
export function percent(i18n: I18n, share: number | null | undefined, digits = 0): string {
  if (share == null) return "–";
  const part = Math.abs(share) * 100;
  // what is not quite all never says so
  const near = part > 99 && part < 100;
  const shown = `${i18n.number(near ? Math.min(part, 99.9) : part, { maximumFractionDigits: near ? 1 : digits })}%`;
  return share < 0 && shown !== "0%" ? `−${shown}` : shown;
}

/** "340 ms", "2.4 s" */
export function duration(i18n: I18n, ms: number): string {
  if (ms < 1000) return `${i18n.number(Math.max(1, Math.round(ms)))} ms`;
  return `${i18n.number(ms / 1000, { maximumFractionDigits: ms < 10_000 ? 1 : 0 })} s`;
}

const DAY = 86_400_000;

/** One bar a day: what was spent, what routing saved on top, what the cache and what summaries saved; a day that lost has no such part. */
export function daysOf(rows: SavedRow[], span: Span): { key: string; values: number[] }[] {
  const known = new Map(rows.map((row) => [row.key, row]));
  const found = [];
  for (let at = Date.parse(span.from); at <= Date.parse(span.to); at += DAY) {
    const key = new Date(at).toISOString().slice(0, 10);
    const row = known.get(key);
    const spent = row ? row.spent_usd - row.not_compared_usd + row.house_usd : 0;
    found.push({
      key,
      values: [
        spent,
        Math.max(0, row?.routing_usd ?? 0),
        Math.max(0, row?.cache_usd ?? 0),
        Math.max(0, row?.compaction_usd ?? 0),
      ],
    });
  }
  return found;
}

/** The model that most calls were compared with, without its provider. */
export function baselineOf(report: SavingsReport): string | undefined {
  const model = report.baselines[0]?.model;
  return model?.slice(model.indexOf("/") + 1);
}
