import { Trans, useLingui } from "@lingui/react/macro";
import { StepForward } from "lucide-react";
import { memo, type ReactNode, useRef, useState } from "react";
import { patchMessage } from "@/api/messages";
import { useModelName } from "@/api/models";
import type { Message, Part } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { continueAnswer } from "../actions";
import { type Run, useRun } from "../stream/runs";
import { useSmoothText } from "../stream/use-smooth-text";
import { textOf } from "../tree";
import { AnswerActions } from "./answer-actions";
import { AnswerLine } from "./answer-line";
import { Branch } from "./branch";
import { EditBox } from "./edit-box";
import { FailCard } from "./fail-card";
import { Pictures } from "./pictures";
import { Reasoning } from "./reasoning";
import { StageLine } from "./stage-line";
import { editedParts } from "./user-message";

interface AnswerProps {
  message: Message;
  siblings: Message[];
  /** This very answer is being written. */
  live: boolean;
  /** Some answer is being written: nothing may start another. */
  busy: boolean;
  last: boolean;
}

/** What a model said: thoughts, text, images, and the line that says where, how fast and for how much. */
export const Answer = memo(
  function Answer({ message, siblings, live: writing, busy, last }: AnswerProps) {
    const { t } = useLingui();
    const report = useReport();
    const element = useRef<HTMLElement>(null);
    const [editing, setEditing] = useState(false);
    const run = useRun(writing ? message.thread_id : undefined);
    const live = run !== undefined && run.tail.final === null;
    const parts = run ? run.parts : message.parts;
    const text = textOf(message);
    const facts = run?.tail.run ?? message.run;
    const name = useModelName(facts) ?? t`the model`;
    const where = facts?.self_hosted ? t`in-house` : (facts?.provider_name ?? "");

    const save = (value: string) => {
      setEditing(false);
      if (value !== text) patchMessage(message.id, editedParts(message, value)).catch(report);
    };
    return (
      <article
        ref={element}
        className="turn"
        aria-label={where ? t`Answer by ${name}, ${where}` : t`Answer by ${name}`}
        aria-busy={live || message.status === "streaming"}
        onDoubleClick={(event) => event.altKey && !live && setEditing(true)}
      >
        {editing ? (
          <EditBox text={text} onSave={save} onCancel={() => setEditing(false)} />
        ) : (
          <Parts parts={parts} live={live} />
        )}
        {live ? <LiveStage run={run} model={facts ? name : undefined} /> : null}
        {live || editing ? null : (
          <>
            <Ending message={message} busy={busy} last={last} />
            <div className="answer-foot">
              {message.run ? <AnswerLine run={message.run} edited={message.edited_at != null} /> : null}
              <span className="grow" />
              <Branch message={message} siblings={siblings} />
              <AnswerActions
                message={message}
                busy={busy}
                last={last}
                element={element}
                onEdit={() => setEditing(true)}
              />
            </div>
          </>
        )}
      </article>
    );
  },
  (before, after) =>
    before.message === after.message &&
    before.live === after.live &&
    before.busy === after.busy &&
    before.last === after.last &&
    before.siblings.length === after.siblings.length,
);

function Parts({ parts, live }: { parts: Part[]; live: boolean }) {
  return (
    <>
      {parts.map((part, index) => {
        const open = live && index === parts.length - 1;
        if (part.type === "reasoning")
          return <Reasoning key={index} text={part.text} seconds={part.seconds} live={open} />;
        if (part.type === "text") return <Words key={index} text={part.text} live={open} />;
        return null;
      })}
      <Pictures parts={parts} />
    </>
  );
}

function Words({ text, live }: { text: string; live: boolean }) {
  const smooth = useSmoothText(text, live);
  return <LazyMarkdown text={smooth.shown} live={smooth.live} />;
}

function LiveStage({ run, model }: { run: Run; model: string | undefined }) {
  const { stage, progress, position } = run.tail;
  const last = run.parts.at(-1);
  const silent = last === undefined || (last.type === "text" && stage !== "writing" && stage !== null);
  if (run.stopping) {
    return (
      <p className="stage">
        <span className="pulse" />
        <Trans>Stopping</Trans>
      </p>
    );
  }
  if (!silent) return null;
  return (
    <StageLine stage={stage ?? "choosing_model"} progress={progress} position={position} model={model} />
  );
}

/** How it ended, when that was not by itself. */
function Ending({ message, busy, last }: { message: Message; busy: boolean; last: boolean }) {
  if (message.status === "failed" || message.status === "interrupted")
    return <FailCard message={message} busy={busy} />;
  if (message.status === "stopped") {
    return (
      <EndNote message={message} busy={busy} more={last}>
        <Trans>Stopped by you.</Trans>
      </EndNote>
    );
  }
  if (last && message.run?.finish_reason === "length") {
    return (
      <EndNote message={message} busy={busy} more>
        <Trans>Cut off at the model's longest answer.</Trans>
      </EndNote>
    );
  }
  return null;
}

interface EndNoteProps {
  message: Message;
  busy: boolean;
  /** Whether to offer to go on. */
  more: boolean;
  children: ReactNode;
}

function EndNote({ message, busy, more, children }: EndNoteProps) {
  const report = useReport();
  return (
    <p className="hint sm row wrap mt-2">
      {children}
      {more ? (
        <Button small disabled={busy} onClick={() => void continueAnswer(message).catch(report)}>
          <StepForward className="i-14" />
          <Trans>Continue</Trans>
        </Button>
      ) : null}
    </p>
  );
}
