import { Trans, useLingui } from "@lingui/react/macro";
import { ArrowDown, X } from "lucide-react";
import { Fragment, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { dropTurn, useOutbox } from "@/api/outbox";
import type { Fold, Message, PartInput, Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { part } from "@/lib/part";
import { sendWaiting } from "./actions";
import { forgetWaiting } from "./composer/drafts";
import { FoldEnd, FoldLine } from "./fold/fold-line";
import { useFold } from "./fold/use-fold";
import { QuoteButton } from "./message/quote-button";
import { StageLine } from "./message/stage-line";
import { UserMessage } from "./message/user-message";
import { MessageSlot } from "./message-slot";
import { SelectBar } from "./select/lazy-bar";
import { endSelecting, useSelecting } from "./select/state";
import type { RunFacts } from "./stream/runs";
import { childrenOf, isCompared } from "./tree";
import { useJump } from "./use-jump";
import { useFollowEnd, useRest } from "./use-scroll";
import { Vicinity, VicinityContext } from "./vicinity";

/** With what turns Markdown into plain words. */
const Rail = part(() => import("./rail").then((module) => ({ default: module.Rail })));

/** The last messages: those that a screen can show are drawn at once, the others when they are near. */
const AT_ONCE = 6;

interface ThreadViewProps {
  thread: Thread;
  messages: Message[];
  path: Message[];
  folds: Fold[];
  run: RunFacts | undefined;
}

/** The messages of the shown branch, and the answer that is being written. */
export function ThreadView({ thread, messages, path, folds, run }: ThreadViewProps) {
  const { t } = useLingui();
  const view = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const { away, toEnd, letGo } = useFollowEnd(view, column);
  const pending = run && !run.messageId;
  const { fold, folded, open, setOpen, shown } = useFold(
    run?.pending ? pathBefore(path, run.pending.parent_id) : path,
    folds,
  );
  const jump = useJump(thread, messages, shown, letGo, run?.pending != null);
  const [vicinity] = useState(() => new Vicinity(view));
  const from = useRest(view, shown.length, jump.least);
  const lastUser = run?.pending ?? shown.findLast((message) => message.role === "user");
  const sentId = useGlide(run, toEnd);

  const items = shown.slice(from);
  const children = useMemo(() => childrenOf(messages), [messages]);
  const siblings = (message: Message) => children.get(message.parent_id) ?? [message];
  const compares = (message: Message) =>
    message.role === "assistant" && isCompared(message, siblings(message), thread.choices);
  const selecting = useSelecting(({ threadId }) => threadId === thread.id);
  useEffect(() => endSelecting, []);
  const lastId = path.at(-1)?.id;
  const near = new Set([jump.id, ...shown.slice(-AT_ONCE).map((message) => message.id)]);
  const marks = fold ? foldMarks(path, fold, folded, open) : null;
  const draw = (message: Message) => (
    <Fragment key={message.id}>
      {fold && marks?.line === message.id ? (
        <FoldLine
          fold={fold}
          threadId={thread.id}
          messages={folded.size}
          open={open}
          busy={run !== undefined}
          onOpen={setOpen}
        />
      ) : null}
      {marks?.end === message.id ? <FoldEnd /> : null}
      <MessageSlot
        message={message}
        siblings={siblings(message)}
        compared={compares(message)}
        busy={run !== undefined}
        last={message.id === lastId}
        near={near.has(message.id)}
      />
    </Fragment>
  );
  const cut = lastUser ? items.findIndex((message) => message.id === lastUser.id) : -1;
  const early = cut < 0 ? items : items.slice(0, cut);
  const late = cut < 0 ? [] : items.slice(cut);
  return (
    <div className="thread-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={view} className="thread scroll" tabIndex={0} aria-label={t`Messages`}>
        <div ref={column} className="column">
          <VicinityContext value={vicinity}>
            {early.map(draw)}
            {/* the last exchange fills the view, so that what was sent stands at the top */}
            <div className={`exchange ${sentId ? "is-sent" : ""}`}>
              {late.map(draw)}
              {run?.pending ? <UserMessage message={run.pending} siblings={[run.pending]} busy /> : null}
              {pending ? <StageLine stage={run.stage ?? "choosing_model"} progress={null} /> : null}
              <Queue threadId={thread.id} parentId={lastId ?? null} busy={run !== undefined} />
            </div>
          </VicinityContext>
        </div>
      </section>
      {away ? (
        <IconButton label={t`To the end`} side="top" className="to-end" onClick={() => toEnd(true)}>
          <ArrowDown />
        </IconButton>
      ) : null}
      <Suspense fallback={null}>
        <Rail view={view} messages={shown} />
      </Suspense>
      <QuoteButton view={view} scope={thread.id} />
      {selecting ? (
        <Suspense fallback={null}>
          <SelectBar
            thread={thread}
            messages={shown.filter((one) => !compares(one))}
            all={messages}
            busy={run !== undefined}
          />
        </Suspense>
      ) : null}
      <p className="visually-hidden" role="status">
        {run ? (
          <Trans>The answer is being written.</Trans>
        ) : sentId && path.at(-1)?.role === "assistant" && path.at(-1)?.status === "complete" ? (
          <Trans>The answer is complete.</Trans>
        ) : null}
      </p>
    </div>
  );
}

/** In front of which shown messages the line of the fold and, while it is open, its end stand. */
function foldMarks(path: Message[], fold: Fold, folded: Set<string>, open: boolean) {
  const start = path.findIndex((message) => message.id === fold.from_id);
  const end = path.findIndex((message) => message.id === fold.to_id);
  const first = path.slice(start).find((message) => open || !folded.has(message.id));
  return { line: first?.id, end: open ? path[end + 1]?.id : undefined };
}

function pathBefore(path: Message[], parentId: string | null): Message[] {
  const at = path.findIndex((message) => message.id === parentId);
  return path.slice(0, at + 1);
}

/** A message that was just sent glides to the top. Tells whether one was sent in this visit. */
function useGlide(run: RunFacts | undefined, toEnd: (smooth?: boolean) => void): boolean {
  const sent = useRef(false);
  const sending = run?.pending != null;
  if (sending) sent.current = true;
  useEffect(() => {
    if (sending) toEnd(true);
  }, [sending, toEnd]);
  return sent.current;
}

/** Messages that wait for the present answer to end. */
function Queue({ threadId, parentId, busy }: { threadId: string; parentId: string | null; busy: boolean }) {
  const { t } = useLingui();
  const report = useReport();
  const queue = useOutbox(
    useShallow(({ turns }) => turns.filter((item) => item.waiting && item.threadId === threadId)),
  );
  const remove = (key: string) => {
    dropTurn(key);
    forgetWaiting(threadId);
  };
  return queue.map(({ key, turn }) => (
    <article key={key} className="turn" aria-label={t`Waiting`}>
      <div className="bubble is-queued">{turn.kind === "send" ? saidIn(turn.parts) : null}</div>
      <div className="user-meta">
        {busy ? (
          <span className="hint sm">
            <Trans>Sends when this answer ends</Trans>
          </span>
        ) : (
          <Button variant="ghost" small onClick={() => void sendWaiting(threadId, parentId).catch(report)}>
            <Trans>Send now</Trans>
          </Button>
        )}
        <IconButton label={t`Remove`} onClick={() => remove(key)}>
          <X className="i-14" />
        </IconButton>
      </div>
    </article>
  ));
}

function saidIn(parts: PartInput[]): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
