import { expect, test } from "vitest";
import { tokenAt } from "./token";

const at = (text: string, caret = text.length) => tokenAt(text, caret);

test("a slash begins a line", () => {
  expect(at("/")).toEqual({ kind: "/", start: 0, end: 1, query: "" });
  expect(at("hello\n/sum")).toEqual({ kind: "/", start: 6, end: 10, query: "sum" });
  expect(at("/周报")).toMatchObject({ kind: "/", query: "周报" });
  for (const text of ["and/or", "1 /", "/usr/bin", "https://", "/sum up", "//"]) expect(at(text)).toBeNull();
});

test("an at sign begins a word, in Chinese anywhere", () => {
  expect(at("@")).toMatchObject({ kind: "@", start: 0, query: "" });
  expect(at("ask @gpt-4o")).toMatchObject({ kind: "@", start: 4, query: "gpt-4o" });
  expect(at("问问@小")).toMatchObject({ kind: "@", start: 2, query: "小" });
  expect(at("(@openai/gpt")).toMatchObject({ query: "openai/gpt" });
  for (const text of ["me@example", "a.b@", "x@y@", "@two words", "npm/@scope"]) expect(at(text)).toBeNull();
});

test("only what ends at the caret", () => {
  expect(at("/sum rest", 4)).toMatchObject({ query: "sum", end: 4 });
  expect(at("/summary", 4)).toBeNull();
  expect(at("/sum\nrest", 4)).toMatchObject({ query: "sum" });
});
