import { expect, it } from "vitest";
import { grammarNames } from "./grammars";
import { fileName, grammarName } from "./languages";

it("knows every grammar that can be loaded, and their other names", () => {
  expect(grammarNames.map(grammarName)).toEqual(grammarNames);
  expect(grammarName("TS")).toBe("typescript");
  expect(grammarName("constructor")).toBeUndefined();
});

it("names a download by the fence, or by the language", () => {
  expect(fileName("python heat_loss.py", "python")).toBe("heat_loss.py");
  expect(fileName('ts title="src/app/main.ts"', "ts")).toBe("main.ts");
  expect(fileName("py", "py")).toBe("code.py");
  expect(fileName("", "")).toBe("code.txt");
});
