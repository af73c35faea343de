import { describe, expect, it } from "vitest";
import { childrenOf, leafUnder, pathTo, siblingsOf } from "./tree";

const node = (id: string, parent_id: string | null = null) => ({ id, parent_id });
/**   a ─ b ─ c
 *        └ d ─ e     (d is a second answer to b's parent's child b)
 *    f               (a second root)  */
const tree = [node("a"), node("b", "a"), node("c", "b"), node("d", "b"), node("e", "d"), node("f")];
const ids = (nodes: { id: string }[]) => nodes.map(({ id }) => id).join("");

describe("pathTo", () => {
  it("goes from the root to the leaf", () => expect(ids(pathTo(tree, "c"))).toBe("abc"));
  it("goes on to the end of a branch that is named in its middle", () =>
    expect(ids(pathTo(tree, "d"))).toBe("abde"));
  it("takes the youngest branch without a leaf", () => expect(ids(pathTo(tree, null))).toBe("f"));
  it("takes the youngest branch when the leaf was deleted", () =>
    expect(ids(pathTo(tree.slice(0, 5), "gone"))).toBe("abde"));
  it("ends at a parent that is missing", () =>
    expect(ids(pathTo([node("x", "gone"), node("y", "x")], "y"))).toBe("xy"));
  it("does not hang on a circle", () =>
    expect(pathTo([node("x", "y"), node("y", "x")], "x").length).toBeLessThan(3));
  it("is empty without messages", () => expect(pathTo([], "a")).toEqual([]));
});

describe("siblings and branches", () => {
  it("are the children of one parent, in the order of creation", () => {
    expect(ids(siblingsOf(tree, node("d", "b")))).toBe("cd");
    expect(ids(siblingsOf(tree, node("a")))).toBe("af");
  });
  it("go on with the youngest child", () => expect(leafUnder(tree, "a")).toBe("e"));
  it("are found again as they were left", () => expect(leafUnder(tree, "a", { b: "c" })).toBe("c"));
  it("forget a choice that is gone", () => expect(leafUnder(tree, "a", { b: "gone" })).toBe("e"));
});

it("the children of every message are found in one pass", () => {
  const nodes = [
    { id: "a", parent_id: null },
    { id: "b", parent_id: "a" },
    { id: "c", parent_id: "a" },
  ];
  const found = childrenOf(nodes);
  expect(found.get(null)?.map(({ id }) => id)).toEqual(["a"]);
  expect(found.get("a")?.map(({ id }) => id)).toEqual(["b", "c"]);
});
