import { expect, test } from "vitest";
import { OUTPUT_LIMIT, type Word } from "./protocol";
import { Writer } from "./writer";

function heard() {
  const words: Word[] = [];
  const port = { postMessage: (word: string) => words.push(JSON.parse(word)) } as unknown as MessagePort;
  return { words, writer: new Writer(port) };
}

test("what little is printed is said at once: the code may never come back", () => {
  const { words, writer } = heard();
  writer.write("out", "a");
  writer.write("err", "b");
  expect(words).toEqual([
    { type: "out", stream: "out", text: "a" },
    { type: "out", stream: "err", text: "b" },
  ]);
});

test("much is said in pieces, and no more than is kept", () => {
  const { words, writer } = heard();
  for (let at = 0; at < 2 * OUTPUT_LIMIT; at += 1) writer.write("out", "x");
  writer.ended("done");
  const printed = words.flatMap((word) => (word.type === "out" ? [word.text] : [])).join("");
  expect(printed.length).toBe(OUTPUT_LIMIT);
  expect(words.length).toBeLessThan(2000);
  expect(words.slice(-2)).toEqual([{ type: "cut" }, { type: "ended", value: "done" }]);
});
