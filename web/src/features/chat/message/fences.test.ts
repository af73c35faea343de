import { describe, expect, it } from "vitest";
import { splitFences } from "./fences";

const FENCE = "```";

describe("splitFences", () => {
  it("takes out what stands between fences, with them", () => {
    const code = `${FENCE}python\nprint(1)\n\nprint(2)\n${FENCE}`;
    expect(splitFences(`Why *this*?\n${code}\nThanks`)).toEqual([
      { code: false, text: "Why *this*?" },
      { code: true, text: code },
      { code: false, text: "Thanks" },
    ]);
  });
  it("leaves a text without fences as it is", () => {
    const text = "# no heading\n  `a` and ```b```\n\n- no list";
    expect(splitFences(text)).toEqual([{ code: false, text }]);
  });
  it("leaves a fence that nobody closed", () => {
    const text = `${FENCE}js\nlet a`;
    expect(splitFences(text)).toEqual([{ code: false, text }]);
  });
  it("closes with the same mark, at least as long", () => {
    const text = `~~~~\n~~~\n${FENCE}\n~~~~`;
    expect(splitFences(text)).toEqual([{ code: true, text }]);
  });
});
