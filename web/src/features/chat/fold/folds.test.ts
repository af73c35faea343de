import { expect, test } from "vitest";
import type { Fold } from "@/api/types";
import { foldedIn, foldOn } from "./folds";

const path = ["a", "b", "c", "d", "e", "f", "g"].map((id, place) => ({
  id,
  role: place % 2 ? ("assistant" as const) : ("user" as const),
  pinned: id === "d",
}));
const fold = (id: string, from_id: string, to_id: string, kept: string[] = []) =>
  ({ id, from_id, to_id, kept }) as unknown as Fold;

test("of the folds on a branch the one that reaches farthest holds", () => {
  const folds = [fold("1", "c", "d"), fold("2", "c", "e"), fold("3", "c", "e"), fold("4", "c", "x")];
  expect(foldOn(path, folds)?.id).toBe("3");
  expect(foldOn(path.slice(0, 3), folds)).toBeUndefined();
});

test("a fold that holds the last question is none", () => {
  expect(foldOn(path, [fold("1", "c", "g")])).toBeUndefined();
  expect(foldOn([], [fold("1", "c", "g")])).toBeUndefined();
});

test("what is pinned, and what was pinned when it was folded, stays", () => {
  expect([...foldedIn(path, fold("1", "b", "f", ["e"]))]).toEqual(["b", "c", "f"]);
  expect(foldedIn(path, undefined).size).toBe(0);
});
