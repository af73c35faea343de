/** What stands in the form of a key, and what is sent of it. */
import type { KeyInfo, KeyNew, KeyPatch, Period, Scope } from "@/api/types";

export type Expiry = "keep" | "30" | "90" | "365" | "day" | "never";

export interface Values {
  name: string;
  scopes: Scope[];
  models: string;
  expiry: Expiry;
  /** yyyy-mm-dd, for `expiry` day. */
  day: string;
  networks: string;
  requests: string;
  tokens: string;
  concurrency: string;
  usd: string;
  period: Period;
}

export const EMPTY: Values = {
  name: "",
  scopes: ["chat", "embeddings", "models"],
  models: "",
  expiry: "90",
  day: "",
  networks: "",
  requests: "",
  tokens: "",
  concurrency: "",
  usd: "",
  period: "month",
};

export function valuesOf({ limits, budget, ...key }: KeyInfo): Values {
  return {
    name: key.name,
    scopes: key.scopes,
    models: key.models.includes("*") ? "" : key.models.join(", "),
    expiry: "keep",
    day: "",
    networks: key.networks.join(", "),
    requests: String(limits.requests_per_minute ?? ""),
    tokens: String(limits.tokens_per_minute ?? ""),
    concurrency: String(limits.concurrency ?? ""),
    usd: String(budget?.usd ?? ""),
    period: budget?.period ?? "month",
  };
}

/** The body for the server. A day ends where the reader is. */
export function wishOf(values: Values, now: number = Date.now()): KeyNew & KeyPatch {
  const usd = Number(values.usd.replace(",", "."));
  return {
    name: values.name.trim(),
    scopes: values.scopes,
    models: listed(values.models, ["*"]),
    networks: listed(values.networks, []),
    limits: {
      requests_per_minute: count(values.requests),
      tokens_per_minute: count(values.tokens),
      concurrency: count(values.concurrency),
    },
    budget: values.usd.trim() && Number.isFinite(usd) ? { usd, period: values.period } : null,
    ...(values.expiry === "keep" ? {} : { expires_at: expiryOf(values, now) }),
  };
}

function expiryOf({ expiry, day }: Values, now: number): string | null {
  if (expiry === "never" || expiry === "keep") return null;
  if (expiry !== "day") return new Date(now + Number(expiry) * 86_400_000).toISOString();
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + 1).toISOString();
}

function listed(text: string, none: string[]): string[] {
  const items = text.split(/[\s,，、]+/).filter(Boolean);
  return items.length ? items : none;
}

function count(text: string): number | null {
  return Number(text) || null;
}

const ADDRESS = /^[\da-f:.]+(?:\/\d{1,3})?$/i;

/** The fields that cannot be sent as they are. */
export function problems(values: Values, today: string): Set<keyof Values> {
  const found = new Set<keyof Values>();
  if (!values.name.trim()) found.add("name");
  if (!values.scopes.length) found.add("scopes");
  if (values.expiry === "day" && !(values.day >= today)) found.add("day");
  if (listed(values.networks, []).some((item) => !ADDRESS.test(item))) found.add("networks");
  const usd = values.usd.trim().replace(",", ".");
  if (usd && !/^\d+(\.\d{1,6})?$/.test(usd)) found.add("usd");
  return found;
}
