import { expect, test } from "vitest";
import { line, table } from "./javascript-console";
import { describe, lineOf } from "./javascript-values";

test("a line is filled in as a console does it", () => {
  expect(line(["a", 1, { b: [2] }])).toBe("a 1 { b: [ 2 ] }");
  expect(line(["%s is %d%%, %o%c", "x", 4.9, { y: 1 }, "color: red", "z"])).toBe("x is 4%, { y: 1 } z");
  expect(line(["100%", "%s"])).toBe("100% %s");
  expect(line([[0, -0, "+0"]])).toBe("[ 0, -0, '+0' ]");
  expect(line([])).toBe("");
});

test("a table has a column for every name", () => {
  expect(table([{ a: 1, b: "two" }, { a: 10 }])).toBe("   a   b\n0  1   'two'\n1  10");
  expect(table(["x"])).toBe("   value\n0  'x'");
  expect(table(5)).toBe("5");
});

test("an error keeps its way through the script alone", () => {
  const error = new TypeError("no");
  error.stack = "TypeError: no\n    at f (code.js:3:9)\n    at run (blob:null/1:5:1)\n    at code.js:5:1";
  expect(describe(error)).toBe("TypeError: no\n    at f (code.js:3:9)\n    at code.js:5:1");
  expect(lineOf(error)).toBe(3);
  expect(describe("thrown")).toBe("Uncaught 'thrown'");
  expect(lineOf("code.js:7")).toBeUndefined();
});
