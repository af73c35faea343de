/** Figures and days of the usage page in the reader's language. */
import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import type { UsageCall } from "@/api/types";
import { count } from "@/lib/format";
import type { Measure, Period } from "./periods";

/** "$0.00", "$12.40", "$0.0023": money that was spent; nothing is rounded away to nothing. */
export function money(i18n: I18n, usd: number): string {
  if (usd > 0 && usd < 0.0001) return "<$0.0001";
  const digits = usd > 0 && usd < 0.1 ? 4 : 2;
  return `$${i18n.number(usd, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

export function figure(i18n: I18n, value: number, measure: Measure): string {
  return measure === "cost" ? money(i18n, value) : count(i18n, value);
}

/** "1.2M", "3万": short enough for the edge of a chart. */
export function axisFigure(i18n: I18n, value: number, measure: Measure): string {
  const short = i18n.number(value, { notation: "compact", maximumSignificantDigits: 3 });
  return measure === "cost" ? `$${short}` : short;
}

/** "14 Sept", or "Sept" for a bar that holds a month. */
export function axisDay(i18n: I18n, key: string, period: Period): string {
  const shown =
    period === "year" ? ({ month: "short" } as const) : ({ day: "numeric", month: "short" } as const);
  return i18n.date(`${key}T00:00:00Z`, { ...shown, timeZone: "UTC" });
}

export function longDay(i18n: I18n, key: string, period: Period): string {
  const shown =
    period === "year"
      ? ({ month: "long", year: "numeric" } as const)
      : ({ weekday: "short", day: "numeric", month: "long" } as const);
  return i18n.date(`${key}T00:00:00Z`, { ...shown, timeZone: "UTC" });
}

/** "72%"; a share that is not quite all or nothing never says so. */
export function share(i18n: I18n, part: number, whole: number): string {
  if (whole <= 0) return "–";
  const percent = (100 * part) / whole;
  const shown = percent > 99.9 && part < whole ? 99.9 : percent < 0.1 && part > 0 ? 0.1 : percent;
  return `${i18n.number(shown, { maximumFractionDigits: shown > 0 && (shown < 1 || shown > 99) ? 1 : 0 })}%`;
}

/** How a call ended. */
export function useStatusWords(): Record<UsageCall["status"], string> {
  const { t } = useLingui();
  return {
    ok: t`answered`,
    failed: t`failed`,
    stopped: t`stopped`,
    refused: t`refused`,
    unused: t`not used`,
  };
}

/** What a call was made for. */
export function useSourceWords(): Record<UsageCall["source"], string> {
  const { t } = useLingui();
  return {
    chat: t`a chat`,
    title: t`this server, for the title of a chat`,
    summary: t`this server, for a summary of a chat`,
    api: t`a program, over the API`,
    shadow: t`this server, to compare answers`,
    test: t`a test set`,
    arena: t`the arena`,
  };
}

/** Where an answer came from that no model was asked for. */
export function useCacheWords(): Record<string, string> {
  const { t } = useLingui();
  return {
    hit: t`given again, the same was asked before`,
    similar: t`given again, something similar was asked before`,
    faq: t`written by an administrator`,
  };
}
