/** The marks of a rail beside a chat. Pure. */
import type { Message } from "@/api/types";
import { speakable } from "@/features/voice/speakable";
import { textOf } from "./tree";

export interface Mark {
  /** The message it leads to. */
  id: string;
  words: string;
  /** How many questions after it have no mark of their own. */
  more: number;
}

const SAID = 60;
/** So much Markdown has these words, in characters; the rest of a long paste is not looked at. */
const READ = 600;

/** One mark for each question, or for as many in a row as leaves `most` of them. */
export function marksOf(messages: Message[], most: number): Mark[] {
  const questions = messages.filter((message) => message.role === "user");
  const each = Math.ceil(questions.length / most);
  return questions.flatMap((message, place) => {
    if (place % each !== 0) return [];
    const more = Math.min(each, questions.length - place) - 1;
    return [{ id: message.id, words: firstWords(message), more }];
  });
}

function firstWords(message: Message): string {
  const markdown = textOf(message).slice(0, READ);
  // a question that is only code has no other words
  const text = (speakable(markdown) || markdown).replace(/\s+/g, " ").trim();
  if (text.length > SAID) return `${text.slice(0, SAID).trimEnd()}…`;
  return text || message.parts.flatMap((part) => (part.type === "image" ? part.name : []))[0] || "…";
}
