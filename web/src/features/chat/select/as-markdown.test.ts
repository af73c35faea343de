import { expect, test } from "vitest";
import type { Message } from "@/api/types";
import { asMarkdown } from "./as-markdown";

const said = (id: string, ...parts: unknown[]) => ({ id, parts }) as unknown as Message;
const text = (words: string) => ({ type: "text", text: words });
const speaker = ({ id }: Message) => id.toUpperCase();

test("one message is its words, without its reasoning", () => {
  expect(asMarkdown([said("a", { type: "reasoning", text: "hm" }, text("yes"))], speaker)).toBe("yes");
});

test("several stand under who said them, pictures by their names", () => {
  const picture = { type: "image", file_id: "1", name: "cat.png", media_type: "image/png" };
  const messages = [said("a", picture, text("what is it?")), said("b", text("a cat\n"))];
  expect(asMarkdown(messages, speaker)).toBe("## A\n\n*cat.png*\n\nwhat is it?\n\n## B\n\na cat\n");
});
