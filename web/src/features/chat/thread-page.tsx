import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ChevronDown, UnfoldHorizontal } from "lucide-react";
import { useEffect } from "react";
import { useMe, useSavePreferences } from "@/api/bootstrap";
import { ApiError } from "@/api/errors";
import { onLive } from "@/api/live";
import { isSending } from "@/api/outbox";
import { queryClient } from "@/api/query-client";
import { patchThread, threadQuery, useThread } from "@/api/threads";
import type { Thread } from "@/api/types";
import { Header } from "@/app/header";
import { PageFailed } from "@/app/page-states";
import { Bones } from "@/components/ui/bones";
import { IconButton } from "@/components/ui/icon-button";
import { Menu } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";
import { ThreadMenuItems } from "@/features/sidebar/thread-menu";
import { follow, send, sendLater, stop } from "./actions";
import { Composer, type Outgoing } from "./composer/composer";
import { isRunning, useRunFacts } from "./stream/runs";
import { ThreadView } from "./thread-view";
import { pathTo } from "./tree";

/** One chat. */
export function ThreadPage({ threadId }: { threadId: string }) {
  const { data, error } = useThread(threadId);
  const { wide } = useMe().preferences;
  if (error instanceof ApiError && error.status === 404) return <ThreadMissing />;
  if (error && !data) return <PageFailed error={error} />;
  return (
    <main className={`main ${wide ? "is-wide" : ""}`} id="main">
      {data ? <ThreadHeader thread={data.thread} /> : <Header />}
      {data ? (
        <OpenThread threadId={threadId} />
      ) : (
        <div className="thread">
          <div className="column pt-8">
            <Bones widths={[40, 90, 84, 88, 60]} />
          </div>
        </div>
      )}
    </main>
  );
}

function ThreadHeader({ thread }: { thread: Thread }) {
  const { t } = useLingui();
  const save = useSavePreferences();
  const { wide = false } = useMe().preferences;
  const title = thread.title || t`New chat`;
  return (
    <Header
      actions={
        <IconButton
          label={wide ? t`Narrow column` : t`Wide column`}
          className={`only-wide ${wide ? "is-on" : ""}`}
          aria-pressed={wide}
          onClick={() => save.mutate({ wide: !wide })}
        >
          <UnfoldHorizontal />
        </IconButton>
      }
    >
      <title>{`${title} · Freehold`}</title>
      <Menu
        align="start"
        trigger={
          <button type="button" className="btn btn-ghost btn-sm thread-title" title={title}>
            <h1 className="clip">{title}</h1>
            <ChevronDown className="i-14" />
          </button>
        }
      >
        <ThreadMenuItems thread={thread} />
      </Menu>
    </Header>
  );
}

function OpenThread({ threadId }: { threadId: string }) {
  const report = useReport();
  const run = useRunFacts(threadId);
  const { data } = useThread(threadId);
  useFollowing(threadId);
  if (!data) return null;
  const { thread, messages } = data;
  const path = pathTo(messages, thread.leaf_id);
  const last = path.at(-1);
  const lastRun = path.findLast((message) => message.run?.input_tokens != null)?.run;

  const onSend = (message: Outgoing) => {
    const options = { ...message, threadId, parentId: last?.id ?? null };
    // it is followed in the background: the composer is free again at once
    if (isRunning(threadId) || isSending(threadId)) sendLater(options);
    else send(options).catch(report);
  };
  return (
    <>
      <ThreadView thread={thread} messages={messages} path={path} run={run} />
      <div className="composer-wrap">
        <div className="column">
          <Composer
            scope={threadId}
            model={thread.model}
            onModel={(model) => void patchThread(threadId, { model }).catch(report)}
            onSend={onSend}
            running={run !== undefined}
            stopping={run?.stopping}
            onStop={() => void stop(threadId).catch(report)}
            used={lastRun ? (lastRun.input_tokens ?? 0) + (lastRun.output_tokens ?? 0) : null}
            autoFocus={!matchMedia("(pointer: coarse)").matches}
          />
          <p className="composer-note">
            <Trans>Models make mistakes. Each answer says where it was written.</Trans>
          </p>
        </div>
      </div>
    </>
  );
}

/** Attaches to an answer that is being written, wherever it was asked for, and marks what is seen as read. */
function useFollowing(threadId: string): void {
  const report = useReport();
  const { data } = useThread(threadId);
  const streaming = data?.messages.find((message) => message.status === "streaming" && message.generation_id);
  const unread = data?.thread.unread ?? false;
  useEffect(() => {
    // one that may still be in the outbox is followed by what sends it
    if (streaming && !isRunning(threadId) && !isSending(threadId)) follow(streaming).catch(report);
  }, [threadId, streaming, report]);
  useEffect(() => {
    if (unread) patchThread(threadId, { read: true }).catch(report);
  }, [threadId, unread, report]);
  useEffect(
    () =>
      onLive(({ generation }) => {
        // an answer began or ended in another tab or on another device
        if (generation?.thread_id === threadId && !isRunning(threadId))
          void queryClient.invalidateQueries(threadQuery(threadId));
      }),
    [threadId],
  );
}

function ThreadMissing() {
  return (
    <main className="main" id="main">
      <Header />
      <div className="grid flex-1 place-content-center justify-items-center gap-4 p-8 text-center">
        <p>
          <Trans>This chat is not here. It may have been deleted.</Trans>
        </p>
        <Link to="/" className="btn btn-outline">
          <Trans>New chat</Trans>
        </Link>
      </div>
    </main>
  );
}
