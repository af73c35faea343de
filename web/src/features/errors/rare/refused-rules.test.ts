import { i18n } from "@lingui/core";
import { expect, it } from "vitest";
import { refusedRules } from "./refused-rules";
import { refusedTestSet } from "./refused-test-set";

i18n.loadAndActivate({ locale: "en", messages: {} });
const finding = {
  code: "unknown_model",
  place: "rule legal",
  rule: "legal",
  about: "premum",
  near: "premium",
};

it("says what is wrong, and that a test is a test", () => {
  const tests = [
    { place: "test 1", text: "the contract", wrong: ["the rule that decides is none, not legal"] },
  ];
  const said = refusedRules({ findings: [finding], tests });
  expect(said).toContain("legal: there is no model premum. Did you mean premium?");
  expect(said).toContain("It breaks the test “the contract”: the rule that decides is none, not legal.");
});

it("leaves what it has no words for to the server", () => {
  expect(refusedRules({ findings: [finding, { ...finding, code: "new_one" }] })).toBe("");
  expect(refusedRules({})).toBe("");
});

it("names the line of a test set and the rules that there are", () => {
  const allowed = ["contains", "equals"];
  const said = refusedTestSet({ why: "no_rule", line: 2, rule: "exact", allowed });
  expect(said).toContain("Line 2: there is no rule “exact”. The rules are: contains, equals;");
  expect(refusedTestSet({ why: "new_one" })).toBe("");
});
