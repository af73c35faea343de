import { expect, test } from "vitest";
import type { Message } from "@/api/types";
import { marksOf } from "./marks";

const asked = (id: string, text: string, role = "user") =>
  ({ id, role, parts: [{ type: "text", text }] }) as unknown as Message;

test("there is a mark for each question and none for answers", () => {
  const marks = marksOf([asked("a", "Why\n is it so?"), asked("b", "Because.", "assistant")], 10);
  expect(marks).toEqual([{ id: "a", words: "Why is it so?", more: 0 }]);
});

test("its words are plain ones", () => {
  const code = "```js\nlet a\n```";
  const marks = marksOf(
    [asked("a", `## Question 3\n\n**Why** is [it](https://a.b) so?\n${code}`), asked("b", code)],
    10,
  );
  expect(marks.map(({ words }) => words)).toEqual(["Question 3. Why is it so?", "```js let a ```"]);
});

test("where there are too many, one stands for several", () => {
  const questions = Array.from({ length: 7 }, (_, place) => asked(`${place}`, "x".repeat(100)));
  const marks = marksOf(questions, 3);
  expect(marks.map(({ id, more }) => [id, more])).toEqual([
    ["0", 2],
    ["3", 2],
    ["6", 0],
  ]);
  expect(marks[0]?.words).toHaveLength(61);
});
