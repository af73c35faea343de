import { Trans, useLingui } from "@lingui/react/macro";
import type { SavingsReport } from "@/api/types";
import { count } from "@/lib/format";
import { money, share } from "../usage/words";
import { percent, signed } from "./words";

/** The four figures; what is not known is said, never drawn as nothing. */
export function Headline({ report }: { report: SavingsReport }) {
  const { i18n } = useLingui();
  const { total, quality } = report;
  const saved = signed(i18n, total.saved_usd);
  const baseline = money(i18n, total.baseline_usd);
  const premium = count(i18n, total.premium_calls);
  const calls = count(i18n, total.calls);
  const ofTokens = share(i18n, total.premium_tokens, total.tokens);
  const pairs = count(i18n, quality.pairs);
  const needed = count(i18n, quality.needed);
  const low = percent(i18n, quality.low, 1);
  const high = percent(i18n, quality.high, 1);
  return (
    <dl className="headline">
      <div>
        <dt>
          <Trans context="money">Saved</Trans>
        </dt>
        <dd className={total.saved_usd < 0 ? "serif" : "serif accent"}>{percent(i18n, total.saved_share)}</dd>
        <dd className="quiet">
          {total.saved_share === null ? (
            <Trans>nothing could be compared</Trans>
          ) : (
            <Trans>
              {saved} of {baseline}
            </Trans>
          )}
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Quality kept</Trans>
        </dt>
        {quality.enough ? (
          <>
            <dd className="serif">{percent(i18n, quality.kept, 1)}</dd>
            <dd className="quiet">
              {quality.source === "pairs" ? (
                <Trans>
                  {low} to {high}: in-house answers as good as premium ones, in {pairs} blind comparisons
                </Trans>
              ) : (
                <Trans>
                  {low} to {high}, from {pairs} pairs of ratings
                </Trans>
              )}
            </dd>
          </>
        ) : (
          <>
            <dd className="serif unknown">
              <Trans>not enough data</Trans>
            </dd>
            <dd className="quiet">
              {quality.source === "pairs" ? (
                <Trans>
                  {pairs} of the {needed} blind comparisons it takes
                </Trans>
              ) : (
                <Trans>
                  {pairs} of the {needed} pairs of ratings it takes
                </Trans>
              )}
            </dd>
          </>
        )}
      </div>
      <div>
        <dt>
          <Trans>Premium share</Trans>
        </dt>
        <dd className="serif">{share(i18n, total.premium_calls, total.calls)}</dd>
        <dd className="quiet">
          <Trans>
            {premium} of {calls} answers, {ofTokens} of the tokens
          </Trans>
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Spent</Trans>
        </dt>
        <dd className="serif">{money(i18n, total.spent_usd)}</dd>
        <dd className="quiet">
          <Trans>failed attempts included</Trans>
        </dd>
      </div>
    </dl>
  );
}
