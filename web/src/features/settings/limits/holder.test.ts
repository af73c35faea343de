import { describe, expect, it } from "vitest";
import { amountOf, digits, EVERYONE, idsOf } from "./holder";

describe("amountOf", () => {
  it.each([
    ["20", 20],
    [" 2.50 ", 2.5],
    ["2,5", 2.5],
    ["0", 0],
    ["0.000001", 0.000001],
  ])("reads %s", (text, amount) => expect(amountOf(text)).toBe(amount));
  it.each(["", "lots", "-1", "1.2.3", "0.0000001", "1e5", "12345678901"])("refuses %s", (text) =>
    expect(amountOf(text)).toBeNull(),
  );
});

describe("digits", () => {
  it("leaves out what is no digit and what is too much", () => expect(digits("1,000 a", 3)).toBe("100"));
});

describe("idsOf", () => {
  it("needs no id for everyone", async () =>
    expect(await idsOf(EVERYONE)).toEqual({ holder_kind: "everyone", holder_id: "" }));
  it("takes a group and a pattern as they are", async () => {
    expect(await idsOf({ ...EVERYONE, kind: "group", group: "g" })).toEqual({
      holder_kind: "group",
      holder_id: "g",
    });
    expect(await idsOf({ ...EVERYONE, kind: "model", model: " openai/* " })).toEqual({
      holder_kind: "model",
      holder_id: "openai/*",
    });
  });
  it("is nobody when nothing was written", async () => {
    for (const kind of ["group", "model", "user"] as const)
      expect(await idsOf({ ...EVERYONE, kind })).toBeNull();
  });
});
