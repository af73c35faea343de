import { expect, test } from "vitest";
import { FRAME_MS, type Turning, Turns, wavOf } from "./turns";

/** Feeds [level, milliseconds] one after the other; what turned, and when. */
function heard(turns: Turns, parts: [number, number][], over = false): [Turning, number][] {
  const found: [Turning, number][] = [];
  let at = 0;
  for (const [level, ms] of parts) {
    for (const end = at + ms; at < end; at += FRAME_MS) {
      const turning = turns.feed(level, over);
      if (turning) found.push([turning, at]);
    }
  }
  return found;
}

test("speech begins after a moment and ends after a pause", () => {
  const found = heard(new Turns(), [
    [0.002, 1000],
    [0.1, 1500],
    [0.002, 2000],
  ]);
  expect(found.map(([turning]) => turning)).toEqual(["begin", "end"]);
  expect(found[0]?.[1]).toBeLessThan(1300);
  expect(found[1]?.[1]).toBeLessThan(3600);
});

test("a pause for thought does not end it", () => {
  const found = heard(new Turns(), [
    [0.1, 600],
    [0.002, 600],
    [0.1, 600],
    [0.002, 1500],
  ]);
  expect(found.map(([turning]) => turning)).toEqual(["begin", "end"]);
});

test("a cough is nothing, a click not even that", () => {
  expect(
    heard(new Turns(), [
      [0.1, 200],
      [0.002, 1500],
    ]).map(([turning]) => turning),
  ).toEqual(["begin", "nothing"]);
  expect(
    heard(new Turns(), [
      [0.5, 60],
      [0.002, 1500],
    ]),
  ).toEqual([]);
});

test("a loud room is not taken for speech once it is known", () => {
  const turns = new Turns();
  heard(turns, [[0.01, 4000]]);
  expect(heard(turns, [[0.025, 2000]])).toEqual([]);
  expect(
    heard(turns, [
      [0.1, 1000],
      [0.01, 1500],
    ]).map(([turning]) => turning),
  ).toEqual(["begin", "end"]);
});

test("what is read aloud has to be outdone, and for longer", () => {
  expect(heard(new Turns(), [[0.02, 2000]], true)).toEqual([]);
  expect(heard(new Turns(), [[0.1, 240]], true)).toEqual([]);
  expect(heard(new Turns(), [[0.1, 600]], true)).toHaveLength(1);
});

test("a WAV file says how long it is", async () => {
  const blob = wavOf([new Float32Array([0, 1, -1]), new Float32Array([2])], 16_000);
  const view = new DataView(await blob.arrayBuffer());
  expect(view.byteLength).toBe(44 + 8);
  expect(view.getUint32(24, true)).toBe(16_000);
  expect([0, 1, 2, 3].map((at) => view.getInt16(44 + at * 2, true))).toEqual([0, 32767, -32767, 32767]);
});
