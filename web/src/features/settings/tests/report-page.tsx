import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, Download, Play, Square } from "lucide-react";
import { useState } from "react";
import { cancelRun, evalCsv, isOpen, resumeRun, useEvalReport, useEvalSets } from "@/api/evals";
import type { EvalReport } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { saveAddress } from "@/lib/save-file";
import { Loaded, Page } from "../page";
import { money } from "../usage/words";
import { Answers } from "./answers";
import { ResultTable } from "./result-table";
import { RunForm } from "./run-form";
import { useRefName, useRunWords } from "./words";

/** One run: how far it is, what each model came to, and every answer. */
export function ReportPage({ id }: { id: string }) {
  const query = useEvalReport(id);
  const { data } = query;
  return (
    <Page
      title={data?.set_name ?? <Trans>Test run</Trans>}
      lead={
        <Link to="." search={{}} className="link eval-back">
          <ArrowLeft className="i-14" />
          <Trans>All test sets</Trans>
        </Link>
      }
      aside={data ? <Actions report={data} /> : null}
    >
      <Loaded query={query} bones={[90, 70, 60]}>
        {(report) => (
          <>
            <State report={report} />
            <ResultTable report={report} />
            <Reading report={report} />
            <Judge report={report} />
            <Answers run={report.run} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ report: { run, set_name: name } }: { report: EvalReport }) {
  const report = useReport();
  const navigate = useNavigate();
  const { data: sets } = useEvalSets();
  const [again, setAgain] = useState(false);
  const { id, state } = run;
  return (
    <div className="usage-tools">
      {isOpen(run) ? (
        <Button onClick={() => void cancelRun(id).catch(report)}>
          <Square />
          <Trans>Cancel the run</Trans>
        </Button>
      ) : state === "done" ? (
        <Button onClick={() => setAgain(true)}>
          <Play />
          <Trans>Ask models</Trans>
        </Button>
      ) : (
        <Button variant="primary" onClick={() => void resumeRun(id).catch(report)}>
          <Play />
          <Trans>Go on</Trans>
        </Button>
      )}
      <Button disabled={run.done === 0} onClick={() => saveAddress(evalCsv(id))}>
        <Download />
        CSV
      </Button>
      {again ? (
        <RunForm
          set={{ id: run.set_id, name }}
          judge={run.judge ?? sets?.judge ?? null}
          chosen={run.models}
          onClose={() => setAgain(false)}
          onStarted={(next) => void navigate({ to: ".", search: { run: next } })}
        />
      ) : null}
    </div>
  );
}

function State({ report: { run } }: { report: EvalReport }) {
  const words = useRunWords();
  if (run.state === "done") return null;
  return (
    <div className="card pad eval-state" role="status">
      <span>{words(run)}</span>
      {isOpen(run) ? (
        <div
          className="bar"
          role="progressbar"
          aria-label={words(run)}
          aria-valuemin={0}
          aria-valuemax={Math.max(1, run.total)}
          aria-valuenow={run.done}
        >
          <i style={{ width: `${(100 * run.done) / Math.max(1, run.total)}%` }} />
        </div>
      ) : null}
    </div>
  );
}

/** How the figures are read, where there are some. */
function Reading({ report: { results } }: { report: EvalReport }) {
  const open = results.some(({ unjudged }) => unjudged > 0);
  if (!open && results.every(({ judged }) => judged === 0)) return null;
  return (
    <p className="hint sm usage-notes">
      {results.some(({ judged }) => judged > 0) ? (
        <Trans>
          Behind a share stands the range that it lies in with 95 % certainty; few questions make it wide.
        </Trans>
      ) : null}
      {open ? (
        <Trans>
          Answers that are not judged are not in the share. Where you look yourself, open the question and
          mark them.
        </Trans>
      ) : null}
    </p>
  );
}

function Judge({ report: { run, results, judge_usd: cost } }: { report: EvalReport }) {
  const { i18n } = useLingui();
  const refName = useRefName();
  const compared = results.some(({ better, same, worse }) => better + same + worse > 0);
  if (!compared || !run.judge) return null;
  const name = refName(run.judge);
  const spent = money(i18n, cost);
  return (
    <p className="hint sm usage-notes">
      <Trans>
        Passed: no worse than what is expected, as {name} found, in both orders and not knowing which is
        which. Judging cost {spent}.
      </Trans>
    </p>
  );
}
