import { expect, it } from "vitest";
import { NOTHING, pick, pickAll } from "./selection";

const order = ["a", "b", "c", "d", "e"];
const ids = (selection: { chosen: ReadonlySet<string> }) => [...selection.chosen].sort().join("");

it("selects one and takes it back", () => {
  const one = pick(NOTHING, order, "b", false);
  expect(ids(one)).toBe("b");
  expect(ids(pick(one, order, "b", false))).toBe("");
});

it("selects a range both ways from where it began", () => {
  const from = pick(NOTHING, order, "c", false);
  const down = pick(from, order, "e", true);
  expect(ids(down)).toBe("cde");
  expect(ids(pick(down, order, "a", true))).toBe("abcde");
});

it("begins anew where the anchor has gone", () => {
  const gone = pick({ chosen: new Set(["x"]), anchor: "x" }, order, "d", true);
  expect(ids(gone)).toBe("dx");
  expect(ids(pick(gone, order, "e", true))).toBe("dex");
});

it("selects all, then nothing", () => {
  const all = pickAll(pick(NOTHING, order, "a", false), order);
  expect(ids(all)).toBe("abcde");
  expect(ids(pickAll(all, order))).toBe("");
  expect(ids(pickAll(NOTHING, []))).toBe("");
});
