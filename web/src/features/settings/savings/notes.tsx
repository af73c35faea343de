import { Trans, useLingui } from "@lingui/react/macro";
import type { Saved } from "@/api/types";
import { count } from "@/lib/format";
import { money } from "../usage/words";

/** What these figures are made of, and what they leave out. */
export function Notes({ total, baseline }: { total: Saved; baseline: string | undefined }) {
  const { i18n } = useLingui();
  const skipped = count(i18n, total.not_compared_calls);
  const theirs = money(i18n, total.not_compared_usd);
  const own = count(i18n, total.own_calls);
  const learning = money(i18n, total.learning_usd);
  const mean = count(i18n, total.mean_calls);
  const written = count(i18n, total.written_calls);
  return (
    <ul className="hint sm usage-notes">
      {total.not_compared_calls ? (
        <li>
          <Trans>
            Not compared, because a price or a count is unknown or it was no chat: {skipped}. They cost{" "}
            {theirs}.
          </Trans>
        </li>
      ) : null}
      {total.own_calls ? (
        <li>
          <Trans>
            Titles and summaries that the server asked for itself: {own}. They are no answers; the tokens and
            the money include them.
          </Trans>
        </li>
      ) : null}
      {total.learning_calls ? (
        <li>
          <Trans>
            {learning} were spent on comparing answers, so that Auto learns; that is taken off what was saved.
          </Trans>
        </li>
      ) : null}
      {baseline && total.mean_calls ? (
        <li>
          <Trans>
            Compared with an answer as long as those of {baseline} are here: {mean}.
          </Trans>
        </li>
      ) : null}
      {baseline && total.written_calls ? (
        <li>
          <Trans>Compared with an answer as long as the one that was given: {written}.</Trans>
        </li>
      ) : null}
      <li>
        <Trans>Cost is what the price lists say; the provider's invoice decides. Days are UTC.</Trans>
      </li>
    </ul>
  );
}
