import { expect, test } from "vitest";
import { collect } from "./collect";
import { documentOf, kindOf, titleOf } from "./kinds";

test("a block is an artifact by its language, or as a whole document", () => {
  expect(kindOf("HTML", "<p>")).toBe("html");
  expect(kindOf("svg", "")).toBe("svg");
  expect(kindOf("md", "")).toBe("markdown");
  expect(kindOf("mermaid", "")).toBe("mermaid");
  expect(kindOf("", "\n<!DOCTYPE html>\n<p>")).toBe("html");
  expect(kindOf("xml", '<?xml version="1.0"?>\n<svg viewBox="0 0 1 1">')).toBe("svg");
  expect(kindOf("xml", "<note/>")).toBeUndefined();
  expect(kindOf("python", "print('<html>')")).toBeUndefined();
});

test("a title is what the fence says, else what the document says", () => {
  expect(titleOf("html", 'html title="Budget"', "<title>Other</title>")).toBe("Budget");
  expect(titleOf("html", "html budget.html", "<title>Other</title>")).toBe("budget.html");
  expect(titleOf("html", "html", "<title>\n Tea &amp; cake </title>")).toBe("Tea & cake");
  expect(titleOf("html", "html", "<h1 class=x>Hello</h1>")).toBe("Hello");
  expect(titleOf("html", "html", "<p>none</p>")).toBe("");
  expect(titleOf("markdown", "md", "intro\n# A letter\n## To")).toBe("A letter");
});

test("what is not a whole document is read as HTML of today", () => {
  expect(documentOf("html", "<p>")).toBe("<!doctype html><p>");
  expect(documentOf("html", " <!DOCTYPE html><p>")).toBe(" <!DOCTYPE html><p>");
});

test("the blocks of a text are found where they are drawn, in lists and quotes too", () => {
  const text = [
    "A page:",
    "```html",
    "<title>One</title>",
    "```",
    "1. a list",
    "   ```svg",
    "   <svg/>",
    "   ```",
    "> ```mermaid",
    "> graph TD; A-->B",
    "> ```",
    "```python",
    "1",
    "```",
    "````md",
    "# Doc",
    "```html",
    "not a block of its own",
    "```",
    "````",
    "```html",
    "<title>Two",
  ].join("\n");
  const found = collect(text);
  expect(found.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
    "html One",
    "svg ",
    "mermaid ",
    "markdown Doc",
    "html ",
  ]);
  expect(found.map(({ open }) => open)).toEqual([false, false, false, false, true]);
});
