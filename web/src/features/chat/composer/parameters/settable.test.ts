import { expect, test } from "vitest";
import type { ModelInfo } from "@/api/types";
import { changed, settable, withValue } from "./settable";

const model = (abilities: string[], fixed_sampling = false) =>
  ({ abilities, fixed_sampling }) as unknown as ModelInfo;

test("only what the model takes can be set", () => {
  expect(settable(model(["tools"]))).toEqual(["system", "temperature", "top_p", "max_tokens"]);
  expect(settable(model(["reasoning"], true))).toEqual(["system", "max_tokens", "reasoning_effort"]);
});

test("what another model had set does not count for one that does not take it", () => {
  const parameters = { temperature: 0, reasoning_effort: "low" as const, system: "" };
  expect(changed(parameters, model([]))).toEqual(["temperature"]);
  expect(changed(parameters, model(["reasoning"], true))).toEqual(["reasoning_effort"]);
});

test("of a model that draws, it is how pictures are to be", () => {
  const painter = { ...model([]), drawing: { shapes: [], qualities: [], most: 4, edits: true } };
  expect(settable(painter)).toEqual(["picture"]);
  expect(changed({ temperature: 0, picture: { count: 2 } }, painter)).toEqual(["picture"]);
  expect(changed({ picture: { count: null } }, painter)).toEqual([]);
  expect(changed({ picture: { count: 2 } }, model([]))).toEqual([]);
});

test("a value is let go by null and by an empty text", () => {
  expect(withValue({ temperature: 0 }, "temperature", null)).toEqual({});
  expect(withValue({ system: "x" }, "system", "")).toEqual({});
  expect(withValue({ top_p: 1 }, "temperature", 0)).toEqual({ top_p: 1, temperature: 0 });
});
