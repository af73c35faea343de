import { expect, test } from "vitest";
import { quoteOf, writtenOut } from "./output";
import type { Result } from "./use-run";

const result = (more: Partial<Result>): Result => ({ state: "ended", output: [], cut: false, ...more });

test("what is copied is what is shown", () => {
  const output = [{ stream: "out" as const, text: "a" }];
  expect(writtenOut(result({ output, value: "1" }))).toBe("a\n1");
  expect(writtenOut(result({ output, state: "failed", error: "E: no" }))).toBe("a\nE: no");
  expect(writtenOut(result({}))).toBe("");
});

test("a question gets the end of it, in a fence that it cannot close", () => {
  expect(quoteOf("a\n```\nb\n", "Output:")).toBe("Output:\n\n````\na\n```\nb\n````");
  const long = quoteOf(`first\n${"x".repeat(50)}\n`.repeat(500), "Output:");
  expect(long.length).toBeLessThan(6100);
  expect(long).toContain("```\n…\n");
});
