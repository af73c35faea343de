import { expect, it } from "vitest";
import { placeInPages } from "./threads";
import type { Thread } from "./types";

const thread = (id: string, day: number, more: Partial<Thread> = {}): Thread => ({
  id,
  title: id,
  title_source: "auto",
  project_id: null,
  model: null,
  state: "active",
  pinned: false,
  folding: "auto",
  in_house: false,
  parameters: {},
  leaf_id: null,
  choices: {},
  generating: false,
  unread: false,
  created_at: "2026-01-01",
  last_activity_at: `2026-01-${String(day).padStart(2, "0")}`,
  ...more,
});
const pages = (next: string | null = null) => ({
  pages: [
    { items: [thread("a", 20), thread("b", 15)], next_cursor: "x" },
    { items: [thread("c", 10)], next_cursor: next },
  ],
  pageParams: [undefined, "x"],
});
const ids = (result: ReturnType<typeof placeInPages>) =>
  result.pages.map((page) => page.items.map(({ id }) => id).join("")).join("");

it("puts a new thread first", () => expect(ids(placeInPages(pages(), thread("n", 25), {}))).toBe("nabc"));
it("moves a thread that became active", () =>
  expect(ids(placeInPages(pages(), thread("c", 17), {}))).toBe("acb"));
it("changes one in its place", () =>
  expect(ids(placeInPages(pages(), thread("b", 15, { title: "B" }), {}))).toBe("abc"));
it("leaves out what belongs elsewhere", () => {
  expect(ids(placeInPages(pages(), thread("a", 20, { pinned: true }), { pinned: false }))).toBe("bc");
  expect(ids(placeInPages(pages(), thread("a", 20, { state: "archived" }), {}))).toBe("bc");
});
it("does not put an old thread on a page that is not its own", () => {
  expect(ids(placeInPages(pages("more"), thread("z", 1), {}))).toBe("abc");
  expect(ids(placeInPages(pages(null), thread("z", 1), {}))).toBe("abcz");
});
