import { expect, test } from "vitest";
import { fill, knownValues, variablesOf } from "./variables";

test("a name, a default, choices", () => {
  expect(
    variablesOf("To {{ name }} in a {{tone: friendly | formal}} tone, {{length=short}}, {{name}}"),
  ).toEqual([
    { name: "name", start: "", choices: [] },
    { name: "tone", start: "friendly", choices: ["friendly", "formal"] },
    { name: "length", start: "short", choices: [] },
  ]);
  expect(variablesOf("{{收件人}}，{{语气：正式｜随意}}，{{字数＝三百}}，{{x:only}}")).toEqual([
    { name: "收件人", start: "", choices: [] },
    { name: "语气", start: "正式", choices: ["正式", "随意"] },
    { name: "字数", start: "三百", choices: [] },
  ]);
});

test("code is not taken for variables", () => {
  for (const code of ["style={{ color: 'red' }}", "{{ a.b() }}", "{{{raw}}}", "{{}}", "{{ }}", "{{a\nb}}"])
    expect(variablesOf(code)).toEqual([]);
});

test("the first one with something to start from has the say", () => {
  expect(variablesOf("{{a}} {{a=x}} {{a=y}}")).toEqual([{ name: "a", start: "x", choices: [] }]);
});

test("values stand in every place, as they are", () => {
  const values = { a: "{{b}} $& \\1", b: "never" };
  expect(fill("{{a}} and {{ a=1 }}", values)).toBe("{{b}} $& \\1 and {{b}} $& \\1");
  expect(fill("{{missing}} {{ x.y() }}", values)).toBe("{{missing}} {{ x.y() }}");
});

test("what the app knows is not asked for, under any case", async () => {
  const variables = variablesOf("{{CURRENT_DATE}} {{current_weekday}} {{user_name}} {{topic}}");
  const values = await knownValues(variables, { locale: "zh-CN", user: "安" });
  expect(values.CURRENT_DATE).toMatch(/年.*月.*日/);
  expect(values.current_weekday).toMatch(/星期/);
  expect(values.user_name).toBe("安");
  expect(values.topic).toBeUndefined();
});
