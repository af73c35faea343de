import { expect, test } from "vitest";
import { browserVoice, whoSpeaks } from "./choose";
import { inPieces, speakable, whole } from "./speakable";

test("markup is not read, words are", () => {
  const said = speakable(
    "# Title\n\nSome **bold** and `code` with a [link](https://example.org/x) and https://example.org/y.\n\n" +
      "```python\nprint('never')\n```\n\n- one\n- two[^1]\n\n> quoted &amp; kept\n\n![picture](a.png)\n\n" +
      "$$\n\\frac{1}{2}\n$$\n\nIt is $x = 2$ and $\\alpha$.\n\n---\n\n[^1]: a note",
  );
  expect(said.split("\n")).toEqual([
    "Title.",
    "Some bold and code with a link and .",
    "one.",
    "two.",
    "quoted & kept",
    "It is x = 2 and .",
  ]);
});

test("a table is told row by row, with the names of its columns", () => {
  expect(speakable("| 名字 | 价钱 |\n|---|---|\n| 茶 | 三块 |\n| 水 | |")).toBe(
    "名字: 茶, 价钱: 三块。\n名字: 水, 价钱。",
  );
});

test("nothing is left of code alone", () => {
  expect(speakable("```\nx\n```")).toBe("");
});

test("pieces end with sentences, the first ones soon", () => {
  const text = Array.from({ length: 20 }, (_, at) => `This is sentence number ${at}.`).join(" ");
  const pieces = inPieces(text);
  expect(pieces.join(" ")).toBe(text);
  expect(pieces[0]?.length).toBeLessThan(101);
  for (const piece of pieces) expect(piece).toMatch(/\.$/);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(300);
});

test("a sentence without end is cut, and nothing of it lost", () => {
  const long = "一直写下去，".repeat(200);
  const pieces = inPieces(long);
  expect(pieces.join("").replaceAll(" ", "")).toBe(long);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(300);
  expect(inPieces("x".repeat(1000)).join("").replaceAll(" ", "")).toBe("x".repeat(1000));
});

test("of what grows only that is read which will not change", () => {
  const full = "# One\n\nFirst sentence. Second has 3.5 parts! And a third.\n\n- a\n- b";
  let read = "";
  for (let at = 1; at <= full.length; at++) {
    const words = speakable(full.slice(0, at));
    const end = whole(words);
    expect(words.slice(0, end).startsWith(read)).toBe(true);
    if (end > read.length) read = words.slice(0, end);
  }
  expect(speakable(full).startsWith(read)).toBe(true);
  expect(read).toContain("Second has 3.5 parts!");
  expect(whole("你好。世界")).toBe(3);
});

test("a locked chat is neither heard nor read outside", () => {
  const outside = { name: "tts", self_hosted: false };
  const house = { name: "piper", self_hosted: true };
  expect(whoSpeaks("auto", outside, false)).toBe("server");
  expect(whoSpeaks("server", outside, true)).toBe("browser");
  expect(whoSpeaks("auto", house, true)).toBe("server");
  expect(whoSpeaks("browser", house, false)).toBe("browser");
  expect(whoSpeaks("server", null, false)).toBe("server"); // which says that it has no model
  const voices = [
    { name: "Cloud", lang: "en-US", localService: false },
    { name: "Here", lang: "en_GB", localService: true },
    { name: "听", lang: "zh-CN", localService: true },
  ];
  expect(browserVoice(voices, "en-US", null, false)?.name).toBe("Cloud");
  expect(browserVoice(voices, "en-US", "Cloud", true)?.name).toBe("Here");
  expect(browserVoice(voices, "zh-CN", null, true)?.name).toBe("听");
  expect(browserVoice(voices, "fr-FR", null, false)).toBeUndefined();
});
