import { expect, test } from "vitest";
import { kindOf, titleOf } from "../kinds";
import { compile } from "./compile";
import { followsTheme, usesTailwind } from "./document";
import { load, Missing, type Run, shownOf, strict } from "./module";
import { troubleOf } from "./trouble";

/** As the frame runs it. */
function run(source: string, modules: Record<string, unknown> = {}): Record<string, unknown> {
  const compiled = compile(source);
  if (typeof compiled !== "string") throw new Error(JSON.stringify(compiled));
  return load(new Function("require", "module", "exports", compiled) as Run, modules);
}

const react = { useState: (value: unknown) => [value, () => undefined] };
const runtime = { jsx: (type: unknown, props: unknown) => ({ type, props }), jsxs: () => "many" };

test("a block is a component when it exports one or draws it itself", () => {
  expect(kindOf("tsx", "export default function Counter() {}")).toBe("react");
  expect(kindOf("JSX", "const App = () => 1;\nexport { App as default };")).toBe("react");
  expect(kindOf("react", "export const Card = () => null")).toBe("react");
  expect(kindOf("jsx", "createRoot(document.getElementById('root')).render(<App/>)")).toBe("react");
  expect(kindOf("jsx", "<Button onClick={save}>Save</Button>")).toBeUndefined();
  expect(kindOf("tsx", "export const price = 3; // not a component")).toBeUndefined();
  expect(kindOf("typescript", "export default function Counter() {}")).toBeUndefined();
});

test("it is called as its component", () => {
  expect(titleOf("react", "tsx", "export default function HeatLoss() {}")).toBe("HeatLoss");
  expect(titleOf("react", "tsx", "function App() {}\nexport default React.memo(App);")).toBe("App");
  expect(titleOf("react", "tsx", "export { helper, Card as default }")).toBe("Card");
  expect(titleOf("react", "tsx", "export const Card = 1")).toBe("Card");
  expect(titleOf("react", "tsx Counter.tsx", "export default App")).toBe("Counter.tsx");
});

test("types go, elements become calls, and the default export is what is shown", () => {
  const exports = run(
    `import { useState } from "react";
     import type { Foo } from "./types";
     interface Props { start?: number }
     export const helper = (value: number): string => \`\${value}\`;
     export default function Counter({ start = 3 }: Props) {
       const [count] = useState<number>(start);
       return <b title={helper(count)}>{count}</b>;
     }`,
    { react, "react/jsx-runtime": runtime },
  );
  const Counter = shownOf(exports) as (props: object) => unknown;
  expect(Counter({})).toEqual({ type: "b", props: { title: "3", children: 3 } });
});

test("without a default export the first that is named as a component is shown", () => {
  expect(
    shownOf(run("export const a = 1; export function Card() {}; export function Other() {}")),
  ).toHaveProperty("name", "Card");
  expect(shownOf(run("export const helper = 1; export const PRICE = 3"))).toBeUndefined();
});

test("everything that is imported in vain is named, whatever else fails because of it", async () => {
  const source = `import { LineChart } from "recharts"; import x from "./x"; import "./x.css";
    import { useState } from "react"; LineChart.defaults.color = 1; export default x;`;
  try {
    run(source, { react });
    expect.unreachable();
  } catch (error) {
    expect((error as Missing).names).toEqual(["recharts", "./x", "./x.css"]);
  }
  const { later } = run("export const later = () => import('d3')") as { later: () => Promise<unknown> };
  await expect(later()).rejects.toThrow("d3");
  expect(() => run("throw new TypeError('own')")).toThrow("own");
  expect(() => run("import a from 'constructor'; export default a")).toThrow(Missing);
});

test("an error names its line, and lines stay where they are", () => {
  expect(compile("export default function A() {\n  return <b>\n}")).toMatchObject({
    kind: "syntax",
    line: 3,
  });
  expect(compile("const a = 1;\nconst b = ;")).toEqual({
    kind: "syntax",
    message: "Unexpected token",
    line: 2,
  });
  const lines = (text: string) => text.split("\n").findIndex((line) => line.includes("here"));
  const source = `import {\n  useState,\n} from "react";\ninterface A {\n  b: 1;\n}\nexport default () => (\n  <p>\n    {here}\n  </p>\n);`;
  expect(lines(compile(source) as string)).toBe(lines(source));
});

test("an icon that is made up is named", () => {
  const icons = strict("lucide-react", { Camera: 1 });
  expect(icons.Camera).toBe(1);
  expect(() => (icons as Record<string, unknown>).Kamera).toThrow('lucide-react has no "Kamera".');
  expect((icons as Record<string, unknown>).__esModule).toBeUndefined();
});

test("what a frame says of itself is not trusted", () => {
  expect(troubleOf({ kind: "failed", message: "x".repeat(9000), line: "7" })).toEqual({
    kind: "failed",
    message: "x".repeat(2000),
    line: undefined,
  });
  expect(troubleOf({ kind: "missing", names: Array(99).fill("a") })).toEqual({
    kind: "missing",
    names: Array(10).fill("a"),
  });
  expect(troubleOf({ kind: "missing", names: "a" })).toBeNull();
  expect(troubleOf({ kind: "unavailable" })).toBeNull();
  expect(troubleOf(null)).toBeNull();
  // what cannot be made a string arrives as it was sent
  const bare = { toString: 1, valueOf: 1 };
  expect(troubleOf({ kind: "failed", message: bare, line: bare })).toEqual({
    kind: "failed",
    message: "",
    line: undefined,
  });
  expect(troubleOf({ kind: "missing", names: [bare, "a"] })).toEqual({ kind: "missing", names: ["", "a"] });
});

test("Tailwind comes for its classes alone, and colours of one's own keep the paper light", () => {
  expect(usesTailwind('<div className="p-4 bg-slate-100">')).toBe(true);
  expect(usesTailwind("<div className={`flex items-center`}>")).toBe(true);
  expect(usesTailwind('<div className="counter main-title">')).toBe(false);
  expect(usesTailwind("const a = 'p-4'")).toBe(false);
  expect(followsTheme("<b>plain</b>")).toBe(true);
  expect(followsTheme("<b style={{ color: '#333' }}>")).toBe(false);
  expect(followsTheme('<b className="text-gray-900">')).toBe(false);
  expect(followsTheme('<b className="text-gray-900 dark:text-white">')).toBe(true);
});
