import "@/styles/savings.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Play } from "lucide-react";
import { useState } from "react";
import { useRules } from "@/api/routing";
import { resumeTrial, useTrial } from "@/api/trial";
import type { TrialReport } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { ago } from "@/lib/ago";
import { count } from "@/lib/format";
import { percent } from "../savings/words";
import { useAutoWords } from "./auto-words";
import { type Row, useHaltedWords, useTrialRows } from "./trial-words";
import { useRuleWords } from "./words";

/** The trial of freehold.yaml: what differs, how both arms fare, and why it is halted; nothing where there is none. */
export function Trial() {
  const trial = useTrial().data?.trial;
  return trial ? <Shown trial={trial} /> : null;
}

function Shown({ trial }: { trial: TrialReport }) {
  const { t, i18n } = useLingui();
  const rows = useTrialRows()(trial);
  const { finding } = useRuleWords();
  const findings = useRules().data?.findings.filter(({ place }) => place === "routing.trial") ?? [];
  const share = percent(i18n, trial.share, 1);
  const since = ago(trial.since, i18n.locale);
  return (
    <section aria-labelledby="routing-trial">
      <div className="section-head">
        <div className="grow">
          <h2 id="routing-trial" className="big">
            <Trans>Trial</Trans> <span className="mono quiet">{trial.id}</span>
          </h2>
          <p className="hint sm">
            <Trans>
              For {share} of the people Auto decides in another way. It is declared in freehold.yaml, and
              ended there.
            </Trans>
          </p>
        </div>
        {trial.halted ? <Resume /> : null}
      </div>
      <div className="card pad comparing">
        <Differs trial={trial} />
        <State trial={trial} />
        {findings.map((one) => (
          <p key={one.code} className="sm">
            {finding(one)}
          </p>
        ))}
        <table className="plain-figures" aria-label={t`Both arms of the trial, counted since ${since}`}>
          <thead>
            <tr>
              <th scope="col">
                <Trans>since {since}</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>In the trial</Trans>
              </th>
              <th scope="col" className="num">
                <Trans>Others</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <FigureRow key={row.name} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function FigureRow({ row: { name, trial, control, difference } }: { row: Row }) {
  return (
    <tr>
      <th scope="row">
        {name}
        {difference ? <span className="hint sm">{difference}</span> : null}
      </th>
      <td className="num">{trial}</td>
      <td className="num">{control}</td>
    </tr>
  );
}

function Differs({ trial: { tried, usual } }: { trial: TrialReport }) {
  const { i18n } = useLingui();
  const { objectives } = useAutoWords();
  const objective = objectives[tried.objective];
  const usualObjective = objectives[usual.objective];
  const floor = percent(i18n, tried.quality_floor, 1);
  const usualFloor = percent(i18n, usual.quality_floor, 1);
  return (
    <p className="sm">
      {tried.quality_floor === usual.quality_floor ? null : (
        <Trans>
          Quality floor: <b>{floor}</b> instead of {usualFloor}.
        </Trans>
      )}{" "}
      {tried.objective === usual.objective ? null : (
        <Trans>
          What counts: <b>{objective}</b> instead of {usualObjective}.
        </Trans>
      )}
    </p>
  );
}

function State({ trial }: { trial: TrialReport }) {
  const { i18n } = useLingui();
  const halted = useHaltedWords();
  const needed = count(i18n, trial.needed);
  if (trial.halted) {
    const when = ago(trial.halted.at, i18n.locale);
    return (
      <p className="sm" role="status">
        <b>
          <Trans>Halted {when}:</Trans>
        </b>{" "}
        {halted(trial.halted)} <Trans>Auto decides for everybody as usual.</Trans>
      </p>
    );
  }
  return (
    <p className="sm quiet" role="status">
      {trial.state === "running" ? (
        <Trans>It runs, and no guard has halted it.</Trans>
      ) : (
        <Trans>There is not enough data yet: it takes {needed} calls on each side.</Trans>
      )}
    </p>
  );
}

function Resume() {
  const report = useReport();
  const [busy, setBusy] = useState(false);
  const resume = async () => {
    setBusy(true);
    try {
      await resumeTrial();
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button disabled={busy} onClick={() => void resume()}>
      <Play />
      <Trans>Let it go on</Trans>
    </Button>
  );
}
