/** Scopes, periods and expiries in the reader's language. */
import { useLingui } from "@lingui/react/macro";
import type { Period, Scope } from "@/api/types";

export const SCOPES: Scope[] = ["chat", "embeddings", "models", "audio", "images", "read", "export", "admin"];

export function useScopeNames(): Record<Scope, string> {
  const { t } = useLingui();
  return {
    chat: t`Chat`,
    embeddings: t`Embeddings`,
    models: t`List models`,
    audio: t`Speech`,
    images: t`Images`,
    read: t`Read only`,
    export: t`Export`,
    admin: t`Administer`,
  };
}

/** These open nothing yet, so only a key that has one shows it. */
const FOR_LATER: Scope[] = ["read", "export", "admin"];

/** What a key may be given: every scope that opens something, and those that it has already. */
export function scopesFor(held: Scope[]): Scope[] {
  return SCOPES.filter((scope) => !FOR_LATER.includes(scope) || held.includes(scope));
}

export function usePeriodNames(): Record<Period, string> {
  const { t } = useLingui();
  return { day: t`a day`, week: t`a week`, month: t`a month`, total: t`in all` };
}

/** The last day of something that ends at this moment: at midnight it is the day before. */
export function dayOf(moment: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(Date.parse(moment) - 1000));
}

/** The day with the hour. */
export function momentOf(moment: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(moment),
  );
}
