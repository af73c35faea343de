/** Sentences about what was learned. */
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { LabelSource, ScorerShown, TrainingDone } from "@/api/types";

/** "English", "中文"; a word for prompts in which no language was found. */
export function useLanguageName(): (language: string) => string {
  const { t, i18n } = useLingui();
  return (language) =>
    language
      ? (new Intl.DisplayNames([i18n.locale], { type: "language" }).of(language) ?? language)
      : t`no language`;
}

export function useSourceWords(): (source: LabelSource, labels: number) => string {
  const { t } = useLingui();
  return (source, labels) => {
    const words: Record<LabelSource, string> = {
      pair: t`${plural(labels, { one: "# blind comparison", other: "# blind comparisons" })}`,
      vote: t`${plural(labels, { one: "# vote in the arena", other: "# votes in the arena" })}`,
      regenerate: t`${plural(labels, { one: "# second try outside", other: "# second tries outside" })}`,
      copy: t`${plural(labels, { one: "# copied answer", other: "# copied answers" })}`,
      continue: t`${plural(labels, { one: "# answer after which the chat went on", other: "# answers after which the chat went on" })}`,
      thumb: t`${plural(labels, { one: "# thumb", other: "# thumbs" })}`,
    };
    return words[source];
  };
}

/** Why the newest training does not act; nothing when it may. */
export function useWhyWords(): (scorer: ScorerShown) => string | null {
  const { t } = useLingui();
  return ({ why, state }) => {
    if (state === "rolled_back") return t`The last training was rolled back.`;
    if (!why) return null;
    const words: Record<NonNullable<ScorerShown["why"]>, string> = {
      no_gap: t`The last training found nothing to tell apart: the premium model is no better.`,
      not_better: t`The last training is not shown to be better than chance and than the guess.`,
      worse_than_acting: t`The last training did worse on new answers than the one that acts.`,
    };
    return words[why];
  };
}

/** What came of training everything. */
export function useResultWords(): (results: TrainingDone["results"]) => string {
  const { t } = useLingui();
  return (results) => {
    const better = results.filter(({ result }) => result === "took_over").length;
    if (better) return t`${plural(better, { one: "# scorer acts now.", other: "# scorers act now." })}`;
    if (results.every(({ result }) => result === "too_few")) return t`There are too few labels yet.`;
    return t`Nothing better was found: all stays as it was.`;
  };
}
