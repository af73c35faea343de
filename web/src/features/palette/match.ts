/** Which of the items a person means: by letters left out, by words, and Chinese also by pinyin. */
import { go } from "fuzzysort";

export interface Named {
  text: string;
  /** Other words under which it is found. */
  alias?: string;
}

type Pinyin = (text: string, query: string) => unknown;

let pinyin: Pinyin | undefined;

/** Han in the items makes pinyin worth its 13 kB. Until it is here Chinese is found by its characters alone. */
export async function loadPinyin(items: readonly Named[]): Promise<boolean> {
  if (pinyin || !items.some(({ text }) => /\p{Script=Han}/u.test(text))) return false;
  const { default: library } = await import("pinyin-match");
  pinyin = (text, query) => library.match(text, query);
  return true;
}

const CLOSE = 0.25;
/** What is found by pinyin is meant, though no letter of it is there to be compared. */
const SPELLED = 0.6;

export interface Found<T> {
  item: T;
  /** 1: exactly that. */
  score: number;
}

/** The items that fit, the best first; at most `limit`. */
export function find<T extends Named>(query: string, items: readonly T[], limit: number): Found<T>[] {
  const asked = query.trim();
  if (!asked) return items.slice(0, limit).map((item) => ({ item, score: 0 }));
  const found = go(asked, items, { keys: ["text", "alias"], limit, threshold: CLOSE }).map(
    ({ obj, score }): Found<T> => ({ item: obj, score }),
  );
  if (!pinyin || !/^[a-z\s']+$/i.test(asked)) return found;
  const known = new Set(found.filter(({ score }) => score >= SPELLED).map(({ item }) => item));
  for (const item of items)
    if (!known.has(item) && pinyin(lettersOf(item.text), asked)) found.push({ item, score: SPELLED });
  const once = new Map(found.sort((a, b) => a.score - b.score).map((one) => [one.item, one]));
  return [...once.values()].sort((a, b) => b.score - a.score).slice(0, limit);
}

/** Nobody types the signs between the words. */
const lettersOf = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "");
