import { expect, it } from "vitest";
import type { RouteRule } from "@/api/types";
import { draftOf, isName, refusedPattern, ruleOf } from "./draft";

const THEN = "then";
const rule = (action: object, more: object = {}) =>
  ({ id: "legal", enabled: true, when: {}, [THEN]: action, ...more }) as unknown as RouteRule;

it("takes names in any script, and nothing that a header or a line could trip over", () => {
  for (const name of ["legal-2.b", "法务_合同", "Договор", "ข้อมูล", "7日", "夜".repeat(64)])
    expect(isName(name), name).toBe(true);
  for (const name of ["", "-a", "at night", "a/b", "🌙", "夜\u200b间", "\u0301a", "夜".repeat(65)])
    expect(isName(name), name).toBe(false);
});

it("reads words in any script, and patterns that hold commas", () => {
  const made = ruleOf({
    ...draftOf(),
    id: " x ",
    keyword: "contract，合同、 责任",
    regex: "\\d{2,3}\n\na,b",
  });
  expect(made.id).toBe("x");
  expect(made.when.keyword).toEqual(["contract", "合同", "责任"]);
  expect(made.when.regex).toEqual(["\\d{2,3}", "a,b"]);
});

it("keeps what it has no field for", () => {
  const before = rule(
    { pin: ["premium"], set: { quality_floor: 0.8 } },
    { enabled: false, when: { language: ["zh"], context_tokens: { gt: 9 } } },
  );
  const made = ruleOf({ ...draftOf(before), group: "legal" }, before);
  expect(made.when).toMatchObject({ language: ["zh"], context_tokens: { gt: 9 }, group: ["legal"] });
  expect(made.then).toMatchObject({ pin: ["premium"], set: { quality_floor: 0.8 } });
  expect(made.enabled).toBe(false);
  expect(ruleOf({ ...draftOf(before), tokens: "" }, before).when.context_tokens).toBeNull();
});

it("knows what a rule does", () => {
  expect(draftOf(rule({ require: { self_hosted: true } })).does).toBe("in_house");
  expect(draftOf(rule({ deny: ["a/b"] }))).toMatchObject({ does: "deny", models: "a/b" });
  expect(ruleOf({ ...draftOf(), does: "in_house" }).then).toEqual({ require: { self_hosted: true } });
});

it("finds the pattern that the server refused among those of the form", () => {
  const draft = { ...draftOf(), regex: "a+\n\n(b" };
  const refused = (path: string) => refusedPattern({ fields: [{ path, message: "" }] }, draft);
  expect(refused("rules.3.when.regex.1")).toBe("(b");
  expect(refused("rules.3.id")).toBeUndefined();
  expect(refusedPattern({}, draft)).toBeUndefined();
});
