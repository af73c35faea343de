/** What is wrong with the questions of a test set, and in which line. */
import { t } from "@lingui/core/macro";
import type { Described } from "../error-text";

/** A sentence; nothing where a server says it in another way. */
export function refusedTestSet(params: Described["params"]): string {
  const line = String(params.line ?? "");
  const rule = String(params.rule ?? "");
  const detail = String(params.detail ?? "");
  const count = String(params.count ?? "");
  const most = String(params.most ?? "");
  const allowed = Array.isArray(params.allowed) ? params.allowed.join(", ") : "";
  switch (params.why) {
    case "empty":
      return t`There is no question in this. Write one on each line.`;
    case "too_many":
      return t`These are ${count} questions; a set holds ${most}. Make several sets of them.`;
    case "too_long":
      return t`Line ${line}: this is longer than ${most} characters.`;
    case "no_csv":
      return t`Line ${line}: this is no CSV (${detail}).`;
    case "no_rule":
      return t`Line ${line}: there is no rule “${rule}”. The rules are: ${allowed}; the names in the menu below the questions will do, too.`;
    case "no_expected":
      return t`Line ${line}: the rule “${rule}” needs what is expected. Fill it in, or use the rule look.`;
    case "no_pattern":
      return t`Line ${line}: the pattern cannot be read (${detail}).`;
    default:
      return "";
  }
}
