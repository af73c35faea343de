/** Figures as the reader's language writes them. Units keep a space, the percent sign does not. */
import type { I18n } from "@lingui/core";

/** 0.31, 4.2, 63: two digits that matter. */
export function seconds(i18n: I18n, value: number): string {
  return i18n.number(Math.max(0.01, value), { maximumFractionDigits: value < 1 ? 2 : value < 10 ? 1 : 0 });
}

export function count(i18n: I18n, value: number): string {
  return i18n.number(Math.round(value));
}

/** US dollars; small sums keep the digits that say something. */
export function dollars(value: number): string {
  if (value < 0.0001) return "<$0.0001";
  return `$${value.toFixed(value < 0.1 ? 4 : 2)}`;
}

/** 32K, 128K, 1M: context windows as their makers write them. */
export function contextSize(tokens: number): string {
  if (tokens >= 1_000_000) return `${Math.round(tokens / 100_000) / 10}M`;
  const binary = tokens % 1000 && tokens % 1024 === 0 ? tokens / 1024 : tokens / 1000;
  return `${Math.round(binary)}K`;
}

/** 1.4 MB. */
export function fileSize(i18n: I18n, bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${i18n.number(value, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}
