/** The prices of a model as its form has them: text while they are typed, numbers when they are sent. */
import type { EnteredPrices, PriceInfo } from "@/api/types";
import { amountOf } from "../limits/holder";

export type PriceName = keyof EnteredPrices;
export type PriceTexts = Record<PriceName, string>;

/** More than this per million tokens no model costs; the server refuses it. */
const HIGHEST = 100_000;

export function textsOf(prices: PriceInfo | null): PriceTexts {
  const text = (name: PriceName) => String(prices?.[name] ?? "");
  return {
    input: text("input"),
    output: text("output"),
    cached_input: text("cached_input"),
    cache_write: text("cache_write"),
    audio_input: text("audio_input"),
    audio_output: text("audio_output"),
    image_output: text("image_output"),
    audio_minute: text("audio_minute"),
  };
}

/** What is sent; what is left empty is left out. */
export function pricesOf(texts: PriceTexts): EnteredPrices {
  const written = Object.entries(texts).filter(([, text]) => text.trim());
  return Object.fromEntries(written.map(([name, text]) => [name, amountOf(text)]));
}

/** What is wrong with each field: no amount, more than anything costs, or missing beside the others. */
export function wrongIn(texts: PriceTexts): Map<PriceName, "amount" | "high" | "missing"> {
  const wrong = new Map<PriceName, "amount" | "high" | "missing">();
  for (const [name, text] of Object.entries(texts) as [PriceName, string][]) {
    if (!text.trim()) continue;
    const amount = amountOf(text);
    if (amount === null) wrong.set(name, "amount");
    else if (amount > HIGHEST) wrong.set(name, "high");
  }
  const there = (name: PriceName) => Boolean(texts[name].trim());
  // a model that counts no tokens has the price of a minute alone
  const byTokens = there("input") || there("output") || !there("audio_minute");
  for (const name of ["input", "output"] as const) if (byTokens && !there(name)) wrong.set(name, "missing");
  return wrong;
}
