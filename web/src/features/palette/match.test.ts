import { expect, test } from "vitest";
import { find, loadPinyin } from "./match";

const items = [
  { text: "Heat pump for a 1930s house" },
  { text: "Why is the boiler short cycling" },
  { text: "暖房改造" },
  { text: "读《庄子·逍遥游》" },
  { text: "Theme: dark", alias: "night" },
  { text: "重命名对话" },
  { text: "主题：深色" },
];
const texts = (query: string, limit = 9) => find(query, items, limit).map(({ item }) => item.text);

test("letters may be left out and the best comes first", () => {
  expect(texts("heat pump")[0]).toBe("Heat pump for a 1930s house");
  expect(texts("htpmp")).toEqual(["Heat pump for a 1930s house"]);
  expect(texts("boiler cycling")).toEqual(["Why is the boiler short cycling"]);
  expect(texts("zzz")).toEqual([]);
});

test("an item is found under its other words", () => {
  expect(texts("night")).toEqual(["Theme: dark"]);
});

test("Chinese is found by its characters, in order and with gaps", () => {
  expect(texts("改造")).toEqual(["暖房改造"]);
  expect(texts("暖造")).toEqual(["暖房改造"]);
  expect(texts("逍遥")).toEqual(["读《庄子·逍遥游》"]);
});

test("Chinese is found by pinyin, in full and by initials, once it is loaded", async () => {
  expect(texts("nfgz")).toEqual([]);
  expect(await loadPinyin([{ text: "English only" }])).toBe(false);
  expect(await loadPinyin(items)).toBe(true);
  expect(texts("nfgz")).toEqual(["暖房改造"]);
  expect(texts("nuanfang")).toEqual(["暖房改造"]);
  expect(texts("ztss")).toEqual(["主题：深色"]);
  expect(texts("chongmingming")).toEqual(["重命名对话"]);
});

test("nothing asked gives the first ones, and never more than wanted", () => {
  expect(texts("", 2)).toEqual(["Heat pump for a 1930s house", "Why is the boiler short cycling"]);
  expect(texts("e", 1)).toHaveLength(1);
});
