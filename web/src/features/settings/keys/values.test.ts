import { expect, test } from "vitest";
import { EMPTY, problems, valuesOf, wishOf } from "./values";

const NOW = Date.UTC(2026, 0, 1);

test("an untouched form is a key for every model, for 90 days", () => {
  expect(wishOf({ ...EMPTY, name: " ci " }, NOW)).toEqual({
    name: "ci",
    scopes: ["chat", "embeddings", "models"],
    models: ["*"],
    networks: [],
    limits: { requests_per_minute: null, tokens_per_minute: null, concurrency: null },
    budget: null,
    expires_at: "2026-04-01T00:00:00.000Z",
  });
});

test("lists take commas of both kinds and blanks; money takes a decimal comma", () => {
  const wish = wishOf(
    { ...EMPTY, models: "fast，ollama/*  gpt-4o", networks: "10.0.0.0/8, ::1", usd: "2,50" },
    NOW,
  );
  expect(wish.models).toEqual(["fast", "ollama/*", "gpt-4o"]);
  expect(wish.networks).toEqual(["10.0.0.0/8", "::1"]);
  expect(wish.budget).toEqual({ usd: 2.5, period: "month" });
});

test("a day ends where the reader is, never is null, and what is kept is not sent", () => {
  const day = wishOf({ ...EMPTY, expiry: "day", day: "2027-12-31" }, NOW).expires_at;
  expect(day).toBe(new Date(2028, 0, 1).toISOString());
  expect(wishOf({ ...EMPTY, expiry: "never" }, NOW).expires_at).toBeNull();
  expect("expires_at" in wishOf({ ...EMPTY, expiry: "keep" }, NOW)).toBe(false);
});

test("a key comes back into the form as it is", () => {
  const values = valuesOf({
    name: "ci",
    scopes: ["chat"],
    models: ["fast", "ollama/*"],
    networks: ["10.0.0.0/8"],
    limits: { requests_per_minute: 5, tokens_per_minute: null, concurrency: null },
    budget: { usd: 3, period: "day" },
  } as unknown as Parameters<typeof valuesOf>[0]);
  expect(values).toMatchObject({
    models: "fast, ollama/*",
    requests: "5",
    tokens: "",
    usd: "3",
    period: "day",
  });
  expect(values.expiry).toBe("keep");
});

test.each([
  [{ name: " " }, "name"],
  [{ scopes: [] }, "scopes"],
  [{ expiry: "day", day: "2025-12-31" }, "day"],
  [{ expiry: "day", day: "" }, "day"],
  [{ networks: "example.org" }, "networks"],
  [{ usd: "lots" }, "usd"],
] as const)("%j is told", (change, field) => {
  const values = { ...EMPTY, name: "ci", ...change, scopes: "scopes" in change ? [] : EMPTY.scopes };
  expect([...problems(values, "2026-01-01")]).toEqual([field]);
});
