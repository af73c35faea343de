import { describe, expect, it } from "vitest";
import { type PriceTexts, pricesOf, textsOf, wrongIn } from "./prices";

const EMPTY = textsOf(null);
const wrong = (texts: Partial<PriceTexts>) => Object.fromEntries(wrongIn({ ...EMPTY, ...texts }));

describe("prices", () => {
  it("go into the form and out of it as they are", () => {
    const known = {
      input: 2.5,
      output: 10,
      cached_input: 0,
      cache_write: null,
      audio_input: null,
      audio_output: null,
      image_output: null,
      audio_minute: null,
    };
    expect(pricesOf(textsOf(known))).toEqual({ input: 2.5, output: 10, cached_input: 0 });
  });

  it("are read as people write them", () =>
    expect(pricesOf({ ...EMPTY, input: " 0,15 ", output: "0" })).toEqual({ input: 0.15, output: 0 }));

  it.each([
    [{ input: "2.5", output: "10" }, {}],
    [{ audio_minute: "0.006" }, {}],
    [{}, { input: "missing", output: "missing" }],
    [{ input: "1" }, { output: "missing" }],
    [{ output: "1", audio_minute: "1" }, { input: "missing" }],
    [{ cached_input: "1" }, { input: "missing", output: "missing" }],
    [
      { input: "lots", output: "-1" },
      { input: "amount", output: "amount" },
    ],
    [{ input: "100000", output: "100001" }, { output: "high" }],
  ])("%o has wrong: %o", (texts, found) => expect(wrong(texts)).toEqual(found));
});
