import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Check, CircleDashed, CircleHelp, X } from "lucide-react";
import type { ReactNode } from "react";
import { markAnswer, useEvalAnswers } from "@/api/evals";
import type { EvalAnswerInfo, EvalCaseAnswers, EvalRunInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { seconds } from "@/lib/format";
import { money } from "../usage/words";
import { useGapWords, useRefName } from "./words";

/** Question by question what each model said. */
export function Answers({ run }: { run: EvalRunInfo }) {
  const query = useEvalAnswers(run.id, run.done);
  const items = query.data?.pages.flatMap((page) => page?.items ?? []) ?? [];
  const refName = useRefName();
  const there = items.filter(({ answers }) => answers.length > 0);
  if (!there.length) return null;
  return (
    <section aria-labelledby="eval-answers">
      <div className="section-head">
        <h2 id="eval-answers" className="big">
          <Trans>Every answer</Trans>
        </h2>
        <p className="hint sm eval-legend">
          <Trans>The marks, from the left:</Trans> {run.models.map(refName).join(" · ")}
        </p>
      </div>
      <ul className="eval-cases">
        {there.map((item) => (
          <Case key={item.case.id} run={run} item={item} />
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button small disabled={query.isFetching} onClick={() => void query.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      ) : null}
    </section>
  );
}

interface CaseProps {
  run: EvalRunInfo;
  item: EvalCaseAnswers;
}

function Case({ run, item: { case: asked, answers } }: CaseProps) {
  return (
    <li className="card">
      <details>
        <summary>
          <span className="grow clip">{asked.question}</span>
          <span className="eval-marks">
            {run.models.map((model) => (
              <Mark key={model} model={model} answer={answers.find((one) => one.model === model)} />
            ))}
          </span>
        </summary>
        <div className="eval-case">
          {asked.before ? (
            <p className="hint sm">
              <Plural
                value={asked.before}
                one="# earlier message of the chat goes with it."
                other="# earlier messages of the chat go with it."
              />
            </p>
          ) : null}
          <p className="eval-text">{asked.question}</p>
          {asked.expected ? (
            <>
              <h3>{asked.given ? <Trans>The answer you got</Trans> : <Trans>Expected</Trans>}</h3>
              <p className="eval-text quiet">{asked.expected}</p>
            </>
          ) : null}
          {answers.map((answer) => (
            <Said key={answer.model} answer={answer}>
              {asked.rule === "look" && answer.state === "ok" ? (
                <Looked runId={run.id} caseId={asked.id} answer={answer} />
              ) : null}
            </Said>
          ))}
        </div>
      </details>
    </li>
  );
}

function Said({ answer, children }: { answer: EvalAnswerInfo; children: ReactNode }) {
  const { i18n, t } = useLingui();
  const refName = useRefName();
  const gap = useGapWords();
  const { duration_ms: ms, cost_usd: cost, answered_by: by, model, verdict } = answer;
  const verdicts = { better: t`better`, same: t`as good`, worse: t`worse` };
  const facts = [
    verdict ? verdicts[verdict] : null,
    by && by !== model ? by : null,
    cost === null || !by ? null : money(i18n, cost),
    ms === null ? null : `${seconds(i18n, ms / 1000)} s`,
  ].filter(Boolean);
  return (
    <>
      <h3>
        <Mark model={model} answer={answer} /> {refName(model)}{" "}
        <span className="hint sm">{facts.join(" · ")}</span>
      </h3>
      <p className="eval-text">
        {answer.text || answer.state === "ok" ? answer.text : <span className="quiet">{gap(answer)}</span>}
      </p>
      {children}
    </>
  );
}

interface LookedProps {
  runId: string;
  caseId: string;
  answer: EvalAnswerInfo;
}

/** Whether an answer passes that only its reader judges; pressing again takes it back. */
function Looked({ runId, caseId, answer: { model, passed } }: LookedProps) {
  const { t } = useLingui();
  const report = useReport();
  const name = useRefName()(model);
  const mark = (found: boolean) =>
    void markAnswer(runId, caseId, model, passed === found ? null : found).catch(report);
  return (
    <div className="eval-looked" role="group" aria-label={t`Your judgement of ${name}`}>
      <Button small aria-pressed={passed === true} onClick={() => mark(true)}>
        <Check />
        <Trans>It passes</Trans>
      </Button>
      <Button small aria-pressed={passed === false} onClick={() => mark(false)}>
        <X />
        <Trans>It does not pass</Trans>
      </Button>
    </div>
  );
}

/** What came of an answer, for eyes and ears; without one it was not asked for yet. */
function Mark({ model, answer }: { model: string; answer: EvalAnswerInfo | undefined }) {
  const { t } = useLingui();
  const name = useRefName()(model);
  const [icon, says, kind] = !answer
    ? [<CircleDashed key="icon" />, t`${name}: not asked yet`]
    : answer.passed === null
      ? [
          <CircleHelp key="icon" />,
          answer.state === "skipped" ? t`${name}: not asked` : t`${name}: not judged`,
        ]
      : answer.passed
        ? [<Check key="icon" />, t`${name}: passed`, "is-good"]
        : [<X key="icon" />, t`${name}: not passed`, "is-bad"];
  return (
    <span className={`eval-mark ${kind ?? ""}`} role="img" aria-label={says} title={says}>
      {icon}
    </span>
  );
}
