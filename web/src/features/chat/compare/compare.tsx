import { Trans, useLingui } from "@lingui/react/macro";
import { Check, Square } from "lucide-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useModelName } from "@/api/models";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { CopyButton } from "@/features/markdown/copy-button";
import { useIsPhone } from "@/lib/media";
import { keepAnswer, stopOne } from "../actions";
import { Ending, LiveStage, Parts } from "../message/answer";
import { AnswerLine } from "../message/answer-line";
import { useRun } from "../stream/runs";
import { textOf } from "../tree";

interface CompareProps {
  answers: Message[];
  busy: boolean;
}

/** Answers of several models to the same message: side by side where there is room, behind tabs on a phone. */
export function Compare({ answers, busy }: CompareProps) {
  const { t } = useLingui();
  const id = useId();
  const phone = useIsPhone();
  const [chosen, setChosen] = useState<string>();
  const tabs = useRef<HTMLDivElement>(null);
  const swipe = useRef<number>(undefined);
  const at = Math.max(
    0,
    answers.findIndex((answer) => answer.id === chosen),
  );
  const show = (index: number) => setChosen(answers[Math.min(Math.max(index, 0), answers.length - 1)]?.id);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = (at + step + answers.length) % answers.length;
    show(next);
    tabs.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  const shown = phone ? answers.slice(at, at + 1) : answers;
  return (
    <section className="duel-box turn" aria-label={t`Answers side by side`}>
      {phone ? (
        <div ref={tabs} className="rival-tabs" role="tablist" aria-label={t`Answers`} onKeyDown={onKeyDown}>
          {answers.map((answer, index) => (
            <RivalTab
              key={answer.id}
              id={`${id}-${index}`}
              panel={`${id}-panel`}
              answer={answer}
              selected={index === at}
              onSelect={() => show(index)}
            />
          ))}
        </div>
      ) : null}
      <div
        className="duel"
        id={`${id}-panel`}
        {...(phone ? { role: "tabpanel", "aria-labelledby": `${id}-${at}` } : {})}
        onTouchStart={(event) => {
          swipe.current = event.touches[0]?.clientX;
        }}
        onTouchEnd={(event) => {
          const moved = (event.changedTouches[0]?.clientX ?? 0) - (swipe.current ?? 0);
          if (phone && Math.abs(moved) > 60) show(at + (moved < 0 ? 1 : -1));
        }}
      >
        {shown.map((answer) => (
          <Rival key={answer.id} message={answer} busy={busy} />
        ))}
      </div>
    </section>
  );
}

interface RivalTabProps {
  id: string;
  panel: string;
  answer: Message;
  selected: boolean;
  onSelect: () => void;
}

function RivalTab({ id, panel, answer, selected, onSelect }: RivalTabProps) {
  const { t } = useLingui();
  const run = useRun(answer);
  const name = useModelName(run?.tail.run ?? answer.run) ?? t`the model`;
  return (
    <button
      type="button"
      role="tab"
      id={id}
      aria-selected={selected}
      aria-controls={panel}
      tabIndex={selected ? 0 : -1}
      onClick={onSelect}
    >
      {run && run.tail.final === null ? <span className="pulse" /> : null}
      <span className="clip">{name}</span>
    </button>
  );
}

function Rival({ message, busy }: { message: Message; busy: boolean }) {
  const { t } = useLingui();
  const run = useRun(message);
  const live = run !== undefined && run.tail.final === null;
  const facts = run?.tail.run ?? message.run;
  const name = useModelName(facts) ?? t`the model`;
  const where = facts?.self_hosted ? t`in-house` : (facts?.provider_name ?? "");
  const writing = live || message.status === "streaming";
  return (
    <article
      className="card rival"
      tabIndex={-1}
      data-message={message.id}
      data-parent={message.parent_id ?? ""}
      aria-label={where ? t`Answer by ${name}, ${where}` : t`Answer by ${name}`}
      aria-busy={writing}
    >
      <div className="rival-words">
        <Parts message={message} parts={run ? run.parts : message.parts} live={live} />
        {live ? <LiveStage run={run} model={facts ? name : undefined} /> : null}
        {writing ? null : <Ending message={message} busy={busy} last />}
      </div>
      <div className="rival-foot">
        {facts ? <AnswerLine run={facts} edited={false} /> : <span className="hint sm">{name}</span>}
        <span className="grow" />
        {writing ? (
          <StopOne
            generationId={run?.tail.generation?.id ?? message.generation_id}
            stopping={run?.stopping}
          />
        ) : (
          <Keep message={message} name={name} />
        )}
      </div>
    </article>
  );
}

interface StopOneProps {
  generationId: string | null | undefined;
  stopping: boolean | undefined;
}

function StopOne({ generationId, stopping }: StopOneProps) {
  const report = useReport();
  return (
    <Button
      small
      disabled={!generationId || stopping}
      onClick={() => generationId && void stopOne(generationId).catch(report)}
    >
      <Square className="i-14" />
      <Trans>Stop</Trans>
    </Button>
  );
}

function Keep({ message, name }: { message: Message; name: string }) {
  const { t } = useLingui();
  const report = useReport();
  const text = textOf(message);
  return (
    <>
      {text ? <CopyButton label={t`Copy`} content={() => text} /> : null}
      {message.parts.length > 0 ? (
        <Button
          small
          aria-label={t`Keep this one: ${name}`}
          onClick={() => void keepAnswer(message).catch(report)}
        >
          <Check className="i-14" />
          <Trans>Keep this one</Trans>
        </Button>
      ) : null}
    </>
  );
}
