import { Trans, useLingui } from "@lingui/react/macro";
import { Brain, Undo2 } from "lucide-react";
import { useState } from "react";
import { rollBack, setShadow, trainNow, useLearning } from "@/api/learning";
import type { Learned as LearnedOne, LearningState } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { ago } from "@/lib/ago";
import { count } from "@/lib/format";
import { Loaded } from "../page";
import { percent } from "../savings/words";
import { money } from "../usage/words";
import { useLanguageName, useResultWords, useSourceWords, useWhyWords } from "./learned-words";

const SHARES = [0, 0.01, 0.02, 0.05, 0.1];

/** What was learned of each model in the house and language, from which labels, and how much is compared. */
export function Learned() {
  const query = useLearning();
  return (
    <section aria-labelledby="routing-learned">
      <div className="section-head">
        <div className="grow">
          <h2 id="routing-learned" className="big">
            <Trans>What it has learned</Trans>
          </h2>
          <p className="hint sm">
            <Trans>
              Which questions a model in the house answers as well as the premium one, for each model and
              language. Until 300 labels show better, Auto goes by a guess.
            </Trans>
          </p>
        </div>
        {query.data ? <TrainNow state={query.data} /> : null}
      </div>
      <Loaded query={query}>
        {(state) => (
          <>
            <Comparing state={state} />
            {state.learned.length ? (
              <ul className="card rows rules learned">
                {state.learned.map((one) => (
                  <Row key={`${one.model} ${one.language}`} one={one} />
                ))}
              </ul>
            ) : null}
          </>
        )}
      </Loaded>
    </section>
  );
}

function TrainNow({ state }: { state: LearningState }) {
  const report = useReport();
  const words = useResultWords();
  const [busy, setBusy] = useState(false);
  const train = async () => {
    setBusy(true);
    try {
      const results = await trainNow();
      if (results) toast(words(results));
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button disabled={busy || state.training || !state.learned.length} onClick={() => void train()}>
      <Brain />
      {busy || state.training ? <Trans>Training…</Trans> : <Trans>Train now</Trans>}
    </Button>
  );
}

function Comparing({ state }: { state: LearningState }) {
  const { t, i18n } = useLingui();
  const report = useReport();
  const sources = useSourceWords();
  const { shadow, baseline, judge } = state;
  const spent = money(i18n, state.spent_today_usd);
  const most = money(i18n, state.most_today_usd);
  const shares = [...new Set([...SHARES, shadow])].sort((one, other) => one - other);
  return (
    <div className="card pad comparing">
      <div className="comparing-head">
        <div>
          <h3>
            <Trans>Answers to compare</Trans>
          </h3>
          <p className="hint sm">
            {baseline ? (
              <Trans>
                Such a share of what Auto has answered in the house is answered by <b>{baseline}</b>, too, and{" "}
                <b>{judge}</b> says blind which is better. Nothing that is kept in the house is sent out.
              </Trans>
            ) : (
              <Trans>There is no premium model with a known price to compare with.</Trans>
            )}
          </p>
        </div>
        {state.shadow_from_file ? (
          <p className="comparing-share">
            <b>{percent(i18n, shadow, 1)}</b>{" "}
            <span className="hint sm">
              <Trans>as freehold.yaml says</Trans>
            </span>
          </p>
        ) : (
          <Select
            label={t`Share of answers to compare`}
            className="comparing-share"
            value={String(shadow)}
            options={shares.map((one) => ({
              value: String(one),
              label: one ? percent(i18n, one, 1) : t`None`,
            }))}
            onChange={(value) => void setShadow(Number(value)).catch(report)}
          />
        )}
      </div>
      <p className="sm">
        {state.by_source.length ? (
          <>
            <Trans>Learned from:</Trans>{" "}
            {state.by_source.map(({ source, labels }) => sources(source, labels)).join(" · ")}
          </>
        ) : (
          <span className="quiet">
            <Trans>There are no labels yet.</Trans>
          </span>
        )}
      </p>
      <p className="hint sm">
        <Trans>
          Comparing has cost {spent} today, of {most} at most. It is taken off what was saved.
        </Trans>
      </p>
    </div>
  );
}

function Row({ one }: { one: LearnedOne }) {
  const { t, i18n } = useLingui();
  const report = useReport();
  const language = useLanguageName()(one.language);
  const why = useWhyWords();
  const sources = useSourceWords();
  const acting = one.scorers.find(({ state }) => state === "acting");
  const [newest] = one.scorers;
  const labels = count(i18n, one.labels);
  const needed = count(i18n, one.needed);
  const refused = newest && newest !== acting ? why(newest) : null;
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const apgr = acting?.apgr == null ? null : i18n.number(acting.apgr, two);
  const low = i18n.number(acting?.low ?? 0, two);
  const high = i18n.number(acting?.high ?? 0, two);
  const when = acting ? ago(acting.trained_at, i18n.locale) : "";
  const taught = count(i18n, acting?.labels ?? 0);
  const saved = percent(i18n, acting?.saved95);
  return (
    <li className="rule">
      <div className="min-w-0">
        <p className="mono clip" title={one.model}>
          {one.model}
        </p>
        <p className="hint sm">{language}</p>
      </div>
      <div className="rule-bars sm">
        {acting ? (
          <p>
            <b>
              <Trans>Learned</Trans>
            </b>{" "}
            <span className="quiet">
              <Trans>
                APGR {apgr} ({low} to {high}; chance is 0.5) · {taught} labels · {when}
              </Trans>
            </span>
          </p>
        ) : (
          <p>
            <b>
              <Trans>A guess</Trans>
            </b>
            {" · "}
            <span className="quiet">
              {one.labels < one.needed ? (
                <Trans>
                  {labels} of the {needed} labels it takes
                </Trans>
              ) : (
                <Trans>{labels} labels</Trans>
              )}
            </span>
          </p>
        )}
        {acting?.saved95 ? (
          <p className="quiet">
            <Trans>At 95% of the premium quality it saves {saved} of the premium cost.</Trans>
          </p>
        ) : null}
        {acting || one.labels < one.needed ? null : (
          <p className="quiet">{one.by_source.map((of) => sources(of.source, of.labels)).join(" · ")}</p>
        )}
        {refused ? <p className="quiet">{refused}</p> : null}
      </div>
      {one.can_roll_back ? (
        <Button
          small
          aria-label={t`Roll back ${one.model}, ${language}`}
          onClick={() => void rollBack(one).catch(report)}
        >
          <Undo2 />
          <Trans>Roll back</Trans>
        </Button>
      ) : (
        <span />
      )}
    </li>
  );
}
