/** Sentences of test sets. */
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { findModel, useModels } from "@/api/models";
import type { EvalAnswerInfo, EvalRule, EvalRunInfo } from "@/api/types";
import { useModelLabel } from "@/features/picker/model-label";

/** What a model is called; one that is gone keeps its reference. */
export function useRefName(): (ref: string) => string {
  const { data } = useModels();
  const label = useModelLabel();
  return (ref) => {
    const model = findModel(data, ref);
    return model ? label(model) : ref;
  };
}

export function useRuleWords(): Record<EvalRule, string> {
  const { t } = useLingui();
  return {
    look: t`I look myself`,
    contains: t`Contains what is expected`,
    equals: t`Same final answer`,
    regex: t`Matches a pattern`,
    judge: t`A judge compares`,
  };
}

/** How a run is doing. */
export function useRunWords(): (run: EvalRunInfo) => string {
  const { t } = useLingui();
  return ({ state, why, done, total }) => {
    if (state === "waiting") return t`waiting`;
    if (state === "running") return t`${done} of ${total} answers`;
    if (state === "cancelled") return t`cancelled after ${done} of ${total} answers`;
    if (state === "done") return t`${plural(done, { one: "# answer", other: "# answers" })}`;
    if (why === "budget_exceeded") return t`stopped: a budget is used up`;
    return t`stopped after ${done} of ${total} answers`;
  };
}

/** Why there is no answer. */
export function useGapWords(): (answer: EvalAnswerInfo) => string {
  const { t } = useLingui();
  return ({ state, error }) => {
    if (error === "kept_in_house" || error === "data_stays_in_house" || error === "data_blocked")
      return t`Not asked: this question stays in the house.`;
    if (error === "data_needs_consent")
      return t`Not asked: it holds what leaves the house only with your consent.`;
    if (error === "deleted") return t`Not asked: the question was deleted.`;
    if (error === "empty_answer") return t`The answer was empty.`;
    return state === "skipped" ? t`Not asked (${error ?? ""}).` : t`No answer came (${error ?? ""}).`;
  };
}
