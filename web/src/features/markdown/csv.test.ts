import { expect, test } from "vitest";
import { csv } from "./csv";

test("fields are quoted where they must be", () => {
  expect(
    csv([
      ["a", 'say "hi"'],
      ["1,5", "two\nlines"],
    ]),
  ).toBe('a,"say ""hi"""\r\n"1,5","two\nlines"');
});

test("a formula stays words, a number stays a number", () => {
  expect(csv([["=1+1", "@x", "-5", "+3.2 %", "-A1", "- none"]])).toBe("'=1+1,'@x,-5,+3.2 %,'-A1,'- none");
});
