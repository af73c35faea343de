import { describe, expect, it } from "vitest";
import { BlockLexer, type Token } from "./lex";

const types = (tokens: Token[]) => tokens.filter(({ type }) => type !== "space").map(({ type }) => type);
const lex = (text: string) => new BlockLexer().update(text, false);

const document = `# Title

A paragraph with **bold** and \`code\`.

- one
- two

  still two
- three

| a | b |
|---|--:|
| 1 | 2 |

\`\`\`python
print("hello")

print("again")
\`\`\`

$$
x^2
$$

Text $y$ costs $5 and $6.[^1]

> quote

[^1]: A note.
`;

describe("BlockLexer", () => {
  it("knows formulas and footnotes", () => {
    expect(types(lex(document))).toEqual([
      "heading",
      "paragraph",
      "list",
      "table",
      "code",
      "math",
      "paragraph",
      "blockquote",
      "footnoteDef",
    ]);
  });
  it("takes dollars for money, not for formulas", () => {
    const [paragraph] = lex("It costs $5 and $6, or $x$.");
    const inline = (paragraph as { tokens: Token[] }).tokens.filter(({ type }) => type === "inlineMath");
    expect(inline.map(({ raw }) => raw)).toEqual(["$x$"]);
  });
  it("gives the same blocks for a text that grew, whatever the pieces", () => {
    for (const step of [1, 3, 7, 50]) {
      const lexer = new BlockLexer();
      for (let end = step; end < document.length; end += step) lexer.update(document.slice(0, end), true);
      const grown = lexer.update(document, true).filter(({ type }) => type !== "space");
      const raws = (tokens: Token[]) => tokens.map(({ raw }) => raw.trim());
      expect(raws(grown)).toEqual(raws(lex(document).filter(({ type }) => type !== "space")));
    }
  });
  it("keeps finished blocks as they are, object for object", () => {
    const lexer = new BlockLexer();
    const [first] = lexer.update("One.\n\nTwo.\n\nThr", true);
    const [again] = lexer.update("One.\n\nTwo.\n\nThree and more", true);
    expect(again).toBe(first);
  });
  it("closes what is open at the end for display", () => {
    const [block] = new BlockLexer().update("Some **bo", true);
    expect((block as { tokens: Token[] }).tokens.at(-1)?.type).toBe("strong");
  });
  it("settles links that are defined later", () => {
    const [block] = lex("See [here].\n\n[here]: https://a.example");
    expect((block as { tokens: Token[] }).tokens.some(({ type }) => type === "link")).toBe(true);
  });
});
