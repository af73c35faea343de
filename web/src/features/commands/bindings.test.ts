import { expect, test } from "vitest";
import { commandsOn, keysOf, rebind } from "./bindings";
import { COMMAND_IDS, COMMANDS } from "./catalogue";

test("no two commands come with the same keys", () => {
  const keys = COMMAND_IDS.map((id) => COMMANDS[id].keys).filter(Boolean);
  expect(new Set(keys).size).toBe(keys.length);
});

test("the server takes every id", () => {
  for (const id of COMMAND_IDS) expect(id).toMatch(/^[a-z][a-z_.]{0,39}$/);
});

test("keys go to the command that was given them and leave the one that had them", () => {
  const chosen = rebind("palette.open", "mod+b", {});
  expect(chosen).toEqual({ "palette.open": "mod+b", "sidebar.toggle": "" });
  expect(commandsOn("mod+b", chosen)).toEqual(["palette.open"]);
  expect(keysOf("sidebar.toggle", chosen)).toBe("");
  expect(commandsOn("", chosen)).toEqual([]);
});

test("what is as it came is not kept, nor what this version does not know", () => {
  const chosen = rebind("palette.open", "mod+j", { "gone.command": "mod+x" });
  expect(chosen).toEqual({ "palette.open": "mod+j" });
  expect(rebind("palette.open", "mod+k", chosen)).toEqual({});
});

test("a person's own keys come before those that a new version gave away", () => {
  expect(commandsOn("mod+b", { "column.wide": "mod+b" })[0]).toBe("column.wide");
});
