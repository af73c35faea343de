import { Trans, useLingui } from "@lingui/react/macro";
import { ArrowDown, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { dropTurn, useOutbox } from "@/api/outbox";
import type { Message, PartInput, Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { preloadMarkdown } from "@/features/markdown/lazy-markdown";
import { sendWaiting } from "./actions";
import { forgetWaiting } from "./composer/drafts";
import { Answer } from "./message/answer";
import { StageLine } from "./message/stage-line";
import { UserMessage } from "./message/user-message";
import type { RunFacts } from "./stream/runs";
import { siblingsOf } from "./tree";
import { useFollowEnd, useWindow } from "./use-scroll";

/** How many messages are drawn at first, and added when one scrolls up. */
const WINDOW = 24;

interface ThreadViewProps {
  thread: Thread;
  messages: Message[];
  path: Message[];
  run: RunFacts | undefined;
}

/** The messages of the shown branch, and the answer that is being written. */
export function ThreadView({ thread, messages, path, run }: ThreadViewProps) {
  const { t } = useLingui();
  const view = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const { away, toEnd } = useFollowEnd(view, column);
  const pending = run && !run.messageId;
  const shown = run?.pending ? pathBefore(path, run.pending.parent_id) : path;
  const { from, top } = useWindow(view, shown.length, WINDOW);
  const lastUser = run?.pending ?? shown.findLast((message) => message.role === "user");
  const sentId = useGlide(run, toEnd);
  useEffect(preloadMarkdown, []);

  const items = shown.slice(from);
  const draw = (message: Message) =>
    message.role === "user" ? (
      <UserMessage
        key={message.id}
        message={message}
        siblings={siblingsOf(messages, message)}
        busy={run !== undefined}
      />
    ) : (
      <Answer
        key={message.id}
        message={message}
        siblings={siblingsOf(messages, message)}
        live={run?.messageId === message.id}
        busy={run !== undefined}
        last={message.id === path.at(-1)?.id}
      />
    );
  const cut = lastUser ? items.findIndex((message) => message.id === lastUser.id) : -1;
  const early = cut < 0 ? items : items.slice(0, cut);
  const late = cut < 0 ? [] : items.slice(cut);
  return (
    <div className="thread-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={view} className="thread scroll" tabIndex={0} aria-label={t`Messages`}>
        <div ref={column} className="column">
          <div ref={top} />
          {early.map(draw)}
          {/* the last exchange fills the view, so that what was sent stands at the top */}
          <div className={`exchange ${sentId ? "is-sent" : ""}`}>
            {late.map(draw)}
            {run?.pending ? <UserMessage message={run.pending} siblings={[run.pending]} busy /> : null}
            {pending ? <StageLine stage={run.stage ?? "choosing_model"} progress={null} /> : null}
            <Queue threadId={thread.id} parentId={path.at(-1)?.id ?? null} busy={run !== undefined} />
          </div>
        </div>
      </section>
      {away ? (
        <IconButton label={t`To the end`} side="top" className="to-end" onClick={() => toEnd(true)}>
          <ArrowDown />
        </IconButton>
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
