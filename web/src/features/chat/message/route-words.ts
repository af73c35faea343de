import { useLingui } from "@lingui/react/macro";
import type { Cascade, PassedOver, Route, RouteReason } from "@/api/types";
import { useErrorText } from "@/features/errors/error-text";

/** How an attempt ended. */
export function useAttemptWords(): (error: string | null, model: string) => string {
  const { t } = useLingui();
  const errorText = useErrorText();
  return (error, model) => {
    if (!error) return t`answered`;
    if (error === "slower") return t`was slower`;
    if (error === "overruled") return t`not good enough`;
    if (error === "second_opinion") return t`compared with it`;
    const provider = model.split("/")[0];
    return errorText({ code: error, message: error, params: provider ? { provider, model } : {} }).title;
  };
}

/** The sentence for how a model was chosen. */
export function useChoiceWords(): (route: Route) => string {
  const { t } = useLingui();
  return ({ choice, rule }) => {
    const words: Record<Route["choice"], string> = {
      asked_for: t`It was the one asked for.`,
      rule_pins: t`The rule ${rule} names it.`,
      rule_prefers: t`The rule ${rule} prefers it.`,
      rule_narrows: t`The rule ${rule} leaves it as the best one.`,
      only_one: t`It is the only one that can do this.`,
      likely_enough: t`It is likely to be up to this, and no dearer one is needed.`,
      likely_too_hard: t`This is likely too hard for a smaller one.`,
      keeps_model: t`This chat stays with the model that it has.`,
      in_house_only: t`Only models in the house may answer.`,
      cheapest: t`Of those that are up to this it costs the least.`,
    };
    return words[choice];
  };
}

/** What is wrong with an answer of the house; nothing when it was good enough. */
export function useCheckWords(): (cascade: Cascade) => string | null {
  const { t } = useLingui();
  return ({ check }) => {
    if (!check) return null;
    const words: Record<NonNullable<Cascade["check"]>, string> = {
      empty: t`The in-house model said nothing.`,
      truncated: t`The in-house model's answer was cut off.`,
      refused: t`The in-house model declined.`,
      invalid_json: t`The in-house model did not keep to the JSON that was asked for.`,
      invalid_tool_call: t`The in-house model called a tool in a wrong way.`,
      unsure: t`The in-house model was not sure.`,
      second_differs: t`A second in-house model came to another result.`,
      broken: t`The in-house model's answer broke off.`,
    };
    return words[check];
  };
}

/** Why a model was not asked. */
export function usePassedOverWords(): (one: PassedOver) => string {
  const { t } = useLingui();
  return ({ why, rule }) => {
    const words: Record<PassedOver["why"], string> = {
      not_allowed: t`not allowed for this key`,
      not_offered: t`turned off, or not offered`,
      rule_pins_another: t`the rule ${rule} names another`,
      rule_denies: t`forbidden by the rule ${rule}`,
      rule_requires: t`not what the rule ${rule} requires`,
      cannot_see_images: t`cannot see images`,
      cannot_hear: t`cannot hear`,
      cannot_use_tools: t`cannot use tools`,
      cannot_keep_a_schema: t`cannot keep to a JSON schema`,
      context_too_small: t`its context is too small`,
      leaves_the_house: t`not in the house`,
      data_stays: t`not in the house, and what was said stays there`,
      cooling_down: t`resting after failures`,
      limited: t`its limit or budget is used up`,
      over_budget: t`the budget has no room for it`,
    };
    return words[why];
  };
}

/** What moved the belief in the house most: "For it: the words. Against it: numbers, symbols." */
export function useReasonWords(): (because: RouteReason[]) => string {
  const { t, i18n } = useLingui();
  return (because) => {
    const words: Record<string, string> = {
      phrases: t`its words`,
      characters: t`its parts of words`,
      length: t`its length`,
      words: t`the number of words`,
      numbers: t`the numbers in it`,
      number_share: t`the share of numbers`,
      largest_number: t`the size of its numbers`,
      sentences: t`the number of sentences`,
      sentence_length: t`the length of its sentences`,
      word_length: t`the length of its words`,
      questions: t`its question marks`,
      symbols: t`its symbols`,
      capitals: t`its capitals`,
      lines: t`its lines`,
      ideographs: t`its Chinese characters`,
      variety: t`how its words repeat`,
      lists: t`its commas and dashes`,
    };
    const list = new Intl.ListFormat(i18n.locale);
    const named = (some: RouteReason[]) => list.format(some.map(({ feature }) => words[feature] ?? feature));
    const good = named(because.filter(({ effect }) => effect > 0));
    const bad = named(because.filter(({ effect }) => effect <= 0));
    return [good && t`Speaks for the house: ${good}.`, bad && t`Speaks against it: ${bad}.`]
      .filter(Boolean)
      .join(" ");
  };
}
