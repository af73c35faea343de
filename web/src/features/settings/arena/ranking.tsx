import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { rankingCsv, removeRounds, useRanking } from "@/api/arena";
import { useMe } from "@/api/bootstrap";
import type { ArenaPair, ArenaRanking, ArenaRating } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { useReport } from "@/features/errors/report";
import { count } from "@/lib/format";
import { saveAddress } from "@/lib/save-file";
import { Choice } from "../choice";
import { Loaded } from "../page";
import { useRefName } from "../tests/words";
import { share } from "../usage/words";

type Whose = "mine" | "everybody";

/** The models by the votes: one's own, for administrators everybody's, too. */
export function Ranking() {
  const { t } = useLingui();
  const { role } = useMe();
  const [whose, setWhose] = useState<Whose>("mine");
  const everybody = whose === "everybody";
  const query = useRanking(everybody);
  const any = (query.data?.votes ?? 0) > 0;
  return (
    <section aria-labelledby="arena-ranking">
      <div className="section-head arena-head">
        <h2 id="arena-ranking" className="big grow">
          <Trans>Ranking</Trans>
        </h2>
        {role === "admin" ? (
          <Choice
            label={t`Whose votes`}
            value={whose}
            onChange={setWhose}
            options={[
              { value: "mine", label: t`Mine` },
              { value: "everybody", label: t`Everybody's` },
            ]}
          />
        ) : null}
        <Button small disabled={!any} onClick={() => saveAddress(rankingCsv(everybody))}>
          <Download />
          CSV
        </Button>
      </div>
      <Loaded query={query} bones={[80, 60, 60]}>
        {(ranking) =>
          ranking.items.length ? (
            <>
              <RankingTable ranking={ranking} />
              <Reading ranking={ranking} />
              <Matrix ranking={ranking} />
            </>
          ) : (
            <p className="card pad quiet">
              <Trans>There are no votes yet.</Trans>
            </p>
          )
        }
      </Loaded>
      {everybody ? null : <Forget />}
    </section>
  );
}

function RankingTable({ ranking }: { ranking: ArenaRanking }) {
  const { t, i18n } = useLingui();
  const refName = useRefName();
  const name = t`Models by rating`;
  const heads = [t`Rating`, t`Votes`, t`Won`, t`Lost`, t`Tied`];
  const rated = ranking.items.filter(({ rating }) => rating !== null);
  const from = Math.min(...rated.map(({ low }) => low ?? 1000));
  const to = Math.max(...rated.map(({ high }) => high ?? 1000));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-wrap scroll usage-table eval-table" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Model</Trans>
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ranking.items.map((one) => {
            const cells = [
              <Rating key="rating" one={one} needed={ranking.needed} from={from} to={to} />,
              count(i18n, one.votes),
              count(i18n, one.won),
              count(i18n, one.lost),
              count(i18n, one.tied),
            ];
            return (
              <tr key={one.model}>
                <th scope="row">
                  {one.rank === null ? null : <span className="arena-rank">{one.rank}</span>}
                  <span className="break-words">{refName(one.model)}</span>
                </th>
                {cells.map((cell, place) => (
                  <td key={heads[place]} className="num" data-label={heads[place]}>
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

interface RatingProps {
  one: ArenaRating;
  needed: number;
  from: number;
  to: number;
}

/** The rating with its interval, as words and as a line. */
function Rating({ one, needed, from, to }: RatingProps) {
  const { t, i18n } = useLingui();
  const { rating, low, high, votes } = one;
  if (rating === null || low === null || high === null)
    return (
      <span className="quiet">
        <Trans>
          not enough votes: {votes} of {needed}
        </Trans>
      </span>
    );
  const least = count(i18n, low);
  const most = count(i18n, high);
  const x = (value: number) => (100 * (value - from)) / Math.max(1, to - from);
  return (
    <span className="eval-passed">
      <span>
        <b>{count(i18n, rating)}</b>{" "}
        <span className="quiet sm" title={t`With 95 % certainty between ${least} and ${most}`}>
          {least}–{most}
        </span>
      </span>
      <svg className="interval" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="track" width="100" height="2" y="3" />
        <rect className="span" x={x(low)} width={Math.max(1, x(high) - x(low))} height="6" y="1" rx="1" />
        <rect className="at" x={Math.min(98.5, Math.max(0, x(rating) - 0.75))} width="1.5" height="8" />
      </svg>
    </span>
  );
}

function Reading({ ranking }: { ranking: ArenaRanking }) {
  return (
    <p className="hint sm usage-notes">
      <span>
        <Plural value={ranking.votes} one="# vote." other="# votes." />{" "}
        <Trans>
          1000 is the mean; 100 more are about 64 of 100 votes against a model of the mean. Behind a rating
          stands the range that it lies in with 95 % certainty. The number before a name counts only the
          models that are better for sure.
        </Trans>
      </span>
    </p>
  );
}

/** Who won how much of the points against whom. */
function Matrix({ ranking }: { ranking: ArenaRanking }) {
  const { t, i18n } = useLingui();
  const refName = useRefName();
  const name = t`Points of each model against each other`;
  const models = ranking.items.map(({ model }) => model);
  const pairs = new Map(ranking.pairs.map((pair) => [`${pair.model}\n${pair.rival}`, pair]));
  const cell = (pair: ArenaPair | undefined) => {
    if (!pair) return <span className="quiet">–</span>;
    const points = i18n.number(pair.points);
    const votes = count(i18n, pair.votes);
    return (
      <>
        {share(i18n, pair.points, pair.votes)}{" "}
        <span className="quiet sm">
          <Trans>
            {points} of {votes}
          </Trans>
        </span>
      </>
    );
  };
  return (
    <details className="card arena-matrix">
      <summary>
        <Trans>Who won against whom</Trans>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll arena-grid" aria-label={name} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <Trans>Points of, against</Trans>
              </th>
              {models.map((model) => (
                <th key={model} scope="col" className="num">
                  {refName(model)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <tr key={model}>
                <th scope="row">{refName(model)}</th>
                {models.map((rival) => (
                  <td key={rival} className="num">
                    {model === rival ? null : cell(pairs.get(`${model}\n${rival}`))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function Forget() {
  const report = useReport();
  const [asking, setAsking] = useState(false);
  return (
    <p className="arena-forget">
      <Button small variant="ghost" onClick={() => setAsking(true)}>
        <Trash2 />
        <Trans>Delete my rounds</Trans>
      </Button>
      {asking ? (
        <Confirm
          open
          onOpenChange={() => setAsking(false)}
          title={<Trans>Delete your rounds?</Trans>}
          action={<Trans>Delete</Trans>}
          onConfirm={() => void removeRounds().catch(report)}
        >
          <Trans>
            Prompts, answers and votes go for good, out of the ranking and out of what routing learned.
          </Trans>
        </Confirm>
      ) : null}
    </p>
  );
}
