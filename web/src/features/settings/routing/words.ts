import { useLingui } from "@lingui/react/macro";
import type { RouteThen, RouteWhen, Rules } from "@/api/types";

/** What a condition and an action say, in short. */
export function useRuleWords() {
  const { t } = useLingui();
  const names: Record<string, string> = {
    keyword: t`words`,
    regex: t`pattern`,
    role: t`role`,
    group: t`group`,
    key: t`API key`,
    user: t`person`,
    context_tokens: t`length in tokens`,
    attachments: t`attachment`,
    language: t`language`,
    time: t`time`,
    data_class: t`data class`,
    spend: t`budget spent`,
    cost: t`cost in US dollars`,
    locked: t`kept in the house`,
  };
  const signs: Record<string, string> = {
    gt: ">",
    gte: "≥",
    lt: "<",
    lte: "≤",
    gt_pct: "> %",
    lt_pct: "< %",
  };
  const plain = (value: unknown): string => {
    if (Array.isArray(value)) return value.join(", ");
    if (value && typeof value === "object")
      return Object.entries(value)
        .filter(([, inner]) => inner != null && !isEmpty(inner))
        .map(([name, inner]) => `${signs[name] ?? name} ${plain(inner)}`)
        .join(", ");
    return String(value);
  };
  const part = (name: string, value: unknown): string => {
    if (name === "any") return `(${(value as RouteWhen[]).map(condition).join(` ${t`or`} `)})`;
    if (name === "all") return (value as RouteWhen[]).map(condition).join(" · ");
    if (name === "not") return t`not (${condition(value as RouteWhen)})`;
    if (name === "locked") return value ? t`kept in the house` : t`not kept in the house`;
    return `${names[name] ?? name}: ${plain(value)}`;
  };
  const condition = (when: RouteWhen): string => {
    const said = Object.entries(when).filter(([, value]) => value != null && !isEmpty(value));
    return said.map(([name, value]) => part(name, value)).join(" · ") || t`always`;
  };
  const action = (then: RouteThen): string => {
    const { pin, prefer, deny } = {
      pin: plain(then.pin),
      prefer: plain(then.prefer),
      deny: plain(then.deny),
    };
    const parts: string[] = [];
    if (pin) parts.push(t`only ${pin}`);
    if (prefer) parts.push(t`${prefer} first`);
    if (deny) parts.push(t`not ${deny}`);
    if (then.require?.self_hosted) parts.push(t`only in the house`);
    const more = then.require ? plain({ ...then.require, self_hosted: null }) : "";
    if (more) parts.push(t`only with ${more}`);
    if (then.set) parts.push(plain(then.set));
    return parts.join(" · ");
  };
  const finding = ({ code, about }: Rules["findings"][number]): string => {
    const found: Record<Rules["findings"][number]["code"], string> = {
      unknown_model: t`There is no model ${about}.`,
      unknown_provider: t`There is no provider ${about}.`,
      doubled_rule: t`Another rule has the same name.`,
      two_autos: t`An alias is named auto, too.`,
      unreachable: t`It is never reached: ${about} decides before it.`,
      leaves_nobody: t`It leaves no model: what it meets is refused.`,
      second_outside: t`${about} is not in the house, so that it is never asked for a second answer.`,
      outside_fallback: t`Asked for by name, ${about} may go on outside.`,
      unknown_class: t`No class of data is named ${about}, so this rule never holds.`,
      trial_changes_nothing: t`The trial sets what Auto does already.`,
      trial_without_control: t`The trial has everybody in it, so there is nobody to compare with.`,
      only_prefers: t`It only prefers the house: when nobody there answers, the data goes outside.`,
    };
    return found[code];
  };
  return { condition, action, finding };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
