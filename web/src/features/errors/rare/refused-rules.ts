/** What is wrong with routing rules: a name that is not there, or a test that they would break. */
import { t } from "@lingui/core/macro";
import type { Described } from "../error-text";

interface Finding {
  code: string;
  place: string;
  rule: string | null;
  about: string | null;
  near: string | null;
}

interface FailedTest {
  place: string;
  text: string;
  wrong: string[];
}

/** One sentence for each; nothing where a server says it in another way. */
export function refusedRules(params: Described["params"]): string {
  const findings = (params.findings ?? []) as Finding[];
  const tests = (params.tests ?? []) as FailedTest[];
  const said = findings.map(found);
  if (said.includes("")) return "";
  return [...said, ...tests.map(failed)].join(" ");
}

function found({ code, place, rule, near, ...finding }: Finding): string {
  const where = rule ?? place;
  const about = finding.about ?? "";
  switch (code) {
    case "unknown_model":
      return near
        ? t`${where}: there is no model ${about}. Did you mean ${near}?`
        : t`${where}: there is no model ${about}. Name an alias, provider/model or a tier.`;
    case "unknown_provider":
      return near
        ? t`${where}: there is no provider ${about}. Did you mean ${near}?`
        : t`${where}: there is no provider ${about}.`;
    case "doubled_rule":
      return t`There is another rule named ${where}.`;
    case "two_autos":
      return t`There is an alias named auto, too; give that another name.`;
    default:
      return "";
  }
}

function failed({ place, text, wrong }: FailedTest): string {
  const test = text || place;
  const why = wrong.join("; ");
  return t`It breaks the test “${test}”: ${why}. Change the rule, or remove the test.`;
}
