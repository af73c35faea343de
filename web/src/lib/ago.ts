/** How far from now something is, as people say it. */

/** "2 hours ago", "yesterday"; older than a month as a date. */
export function ago(moment: string, locale: string, now: number = Date.now()): string {
  const seconds = (Date.parse(moment) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (seconds > -60) return format.format(0, "minute");
  if (seconds > -3600) return format.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return format.format(Math.round(seconds / 3600), "hour");
  if (seconds > -30 * 86_400) return format.format(Math.round(seconds / 86_400), "day");
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(moment));
}

/** "in 40 seconds", "in 2 hours", "in 3 days": in the largest unit that there are two of. */
export function ahead(seconds: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale);
  if (seconds < 120) return format.format(Math.ceil(seconds), "second");
  if (seconds < 2 * 3600) return format.format(Math.round(seconds / 60), "minute");
  if (seconds < 2 * 86_400) return format.format(Math.round(seconds / 3600), "hour");
  return format.format(Math.round(seconds / 86_400), "day");
}
