import { expect, test } from "vitest";
import { isSearchable } from "@/api/search";
import type { SearchGroup } from "@/api/types";
import { groupsOf, since } from "./groups";

const group = (thread_id: string, ...ids: string[]): SearchGroup => ({
  thread_id,
  title: { text: thread_id, ranges: [] },
  project_id: null,
  model: null,
  archived: false,
  last_activity_at: "2026-01-01T00:00:00Z",
  hits: ids.map((message_id) => ({
    message_id,
    role: "user",
    model: null,
    has_file: false,
    created_at: "2026-01-01T00:00:00Z",
    snippet: { text: "", ranges: [] },
  })),
});

test("a thread that comes again on a later page is one group", () => {
  const pages = [
    { items: [group("a", "1"), group("b", "2")], next_cursor: "x" },
    { items: [group("a", "3")], next_cursor: null },
  ];
  const merged = groupsOf(pages);
  expect(merged.map((one) => one.thread_id)).toEqual(["a", "b"]);
  expect(merged[0]?.hits.map((hit) => hit.message_id)).toEqual(["1", "3"]);
  expect(pages[0]?.items[0]?.hits).toHaveLength(1);
});

test("a period begins at midnight", () => {
  expect(since("week", new Date(2026, 0, 10, 15, 30))).toBe(new Date(2026, 0, 3).toISOString());
});

test("signs alone are nothing to search for", () => {
  expect(["?!", " ", '""'].map(isSearchable)).toEqual([false, false, false]);
  expect(["a", "智", "7?"].map(isSearchable)).toEqual([true, true, true]);
});
