import { expect, test } from "vitest";
import { chordOf, keysLabel } from "./keys";

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  chordOf({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("letters keep their Shift, signs are what Shift makes of them", () => {
  expect(press("O", { ctrlKey: true, shiftKey: true })).toBe("mod+shift+o");
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press("Escape", { shiftKey: true })).toBe("shift+escape");
  expect(press("F2")).toBe("f2");
  expect(press(" ", { altKey: true })).toBe("alt+space");
});

test("a letter of another alphabet is the key on which it stands", () => {
  expect(press("л", { ctrlKey: true, code: "KeyK" })).toBe("mod+k");
});

test("modifiers alone and what an input method takes are nothing", () => {
  for (const key of ["Control", "Shift", "Meta", "Process", "Dead"]) expect(press(key)).toBeNull();
});

test("keys are written as on the keyboard", () => {
  expect(keysLabel("mod+shift+o")).toBe("Ctrl ⇧ O");
  expect(keysLabel("mod++")).toBe("Ctrl +");
  expect(keysLabel("mod+shift+backspace")).toBe("Ctrl ⇧ ⌫");
  expect(keysLabel("")).toBe("");
});
