import { expect, test } from "vitest";
import { estimateTokens, filled } from "./context";

test("text is counted as the server does", () => {
  expect(estimateTokens("abcd".repeat(10))).toBe(10);
  expect(estimateTokens("一二三")).toBe(2);
});

test("what the provider counted holds the system prompt already", () => {
  const all = filled({
    context: 1000,
    used: 300,
    system: "x".repeat(400),
    draft: "y".repeat(80),
    images: 0,
    bytes: 40,
    longest: null,
  });
  expect(all).toEqual({ system: 100, history: 200, message: 30, answer: 250, part: 0.33 });
});

test("before the first answer it is what will be sent; the answer's room is no more than is set", () => {
  const all = filled({
    context: 100_000,
    used: null,
    system: "",
    draft: "",
    images: 2,
    bytes: 0,
    longest: 500,
  });
  expect(all).toMatchObject({ history: 0, message: 1600, answer: 500 });
});
