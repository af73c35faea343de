import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { StepForward } from "lucide-react";
import { memo, type ReactNode, useMemo, useRef, useState } from "react";
import { patchMessage } from "@/api/messages";
import { useModelName } from "@/api/models";
import type { Message, Part } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ArtifactPlace } from "@/features/artifacts/state";
import { useReport } from "@/features/errors/report";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { TranslationSlot } from "@/features/translation/translation-slot";
import { continueAnswer } from "../actions";
import { focusMessage } from "../focus";
import { useIsSelecting } from "../select/state";
import { type Run, useRun } from "../stream/runs";
import { useSmoothText } from "../stream/use-smooth-text";
import { textOf } from "../tree";
import { AnswerActions } from "./answer-actions";
import { AnswerLine } from "./answer-line";
import { BetterAnswer } from "./better-answer";
import { Branch } from "./branch";
import { EditBox } from "./edit-box";
import { FailCard } from "./fail-card";
import { Long } from "./long";
import { Pictures } from "./pictures";
import { Pinned } from "./pin-item";
import { isReady, ReadyNote } from "./ready-note";
import { Reasoning } from "./reasoning";
import { StageLine } from "./stage-line";
import { editedParts } from "./user-message";

interface AnswerProps {
  message: Message;
  siblings: Message[];
  /** Some answer is being written: nothing may start another. */
  busy: boolean;
  last: boolean;
}

/** What a model said: thoughts, text, images, and the line that says where, how fast and for how much. */
export const Answer = memo(
  function Answer({ message, siblings, busy, last }: AnswerProps) {
    const { t } = useLingui();
    const report = useReport();
    const element = useRef<HTMLElement>(null);
    const [editing, setEditing] = useState(false);
    const selecting = useIsSelecting(message.thread_id);
    const run = useRun(message);
    const live = run !== undefined && run.tail.final === null;
    const parts = run ? run.parts : message.parts;
    const text = textOf(message);
    const facts = run?.tail.run ?? message.run;
    const model = useModelName(facts) ?? t`the model`;
    const name = facts?.cached?.kind === "faq" ? t`an administrator` : model;
    const where = facts?.self_hosted ? t`in-house` : (facts?.provider_name ?? "");

    const close = () => {
      setEditing(false);
      focusMessage(message.id, "more");
    };
    const save = (value: string) => {
      close();
      if (value !== text) patchMessage(message.id, editedParts(message, value)).catch(report);
    };
    return (
      <article
        ref={element}
        className="turn"
        tabIndex={-1}
        data-message={message.id}
        data-parent={message.parent_id ?? ""}
        aria-label={where ? t`Answer by ${name}, ${where}` : t`Answer by ${name}`}
        aria-busy={live || message.status === "streaming"}
        onDoubleClick={(event) => event.altKey && !live && setEditing(true)}
      >
        {editing ? (
          <EditBox text={text} onSave={save} onCancel={close} />
        ) : (
          <Long message={message} className="answer-words">
            <Parts message={message} parts={parts} live={live} />
          </Long>
        )}
        {live ? <LiveStage run={run} model={facts ? name : undefined} /> : null}
        {live || editing ? null : (
          <>
            <TranslationSlot message={message} />
            <Ending message={message} busy={busy} last={last} />
            <div className="answer-foot" inert={selecting}>
              {message.run ? <AnswerLine run={message.run} edited={message.edited_at != null} /> : null}
              <span className="grow" />
              {message.pinned ? <Pinned /> : null}
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
    before.busy === after.busy &&
    before.last === after.last &&
    before.siblings.length === after.siblings.length,
);

export function Parts({ message, parts, live }: { message: Message; parts: Part[]; live: boolean }) {
  const { id: messageId, thread_id: threadId } = message;
  const place = useMemo(() => ({ threadId, messageId }), [threadId, messageId]);
  return (
    <>
      {parts.map((part, index) => {
        const open = live && index === parts.length - 1;
        if (part.type === "reasoning")
          return <Reasoning key={index} text={part.text} seconds={part.seconds} live={open} />;
        if (part.type !== "text") return null;
        return (
          <ArtifactPlace key={index} value={place}>
            <Words text={part.text} live={open} />
          </ArtifactPlace>
        );
      })}
      <Pictures parts={parts} threadId={threadId} />
    </>
  );
}

function Words({ text, live }: { text: string; live: boolean }) {
  const smooth = useSmoothText(text, live);
  return <LazyMarkdown text={smooth.shown} live={smooth.live} />;
}

export function LiveStage({ run, model }: { run: Run; model: string | undefined }) {
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
export function Ending({ message, busy, last }: { message: Message; busy: boolean; last: boolean }) {
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
  if (isReady(message.run)) return <ReadyNote message={message} busy={busy} />;
  return last ? (
    <>
      <CutNote count={message.run?.folded?.cut ?? 0} />
      <BetterAnswer message={message} busy={busy} />
    </>
  ) : null;
}

/** Earlier messages that were left out of the request, and no summary stood for them. */
function CutNote({ count }: { count: number }) {
  if (!count) return null;
  return (
    <p className="hint sm mt-2">
      {plural(count, {
        one: "# earlier message did not fit and was left out, without a summary.",
        other: "# earlier messages did not fit and were left out, without a summary.",
      })}
    </p>
  );
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
