import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useSearch } from "@tanstack/react-router";
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
import { useShell } from "@/app/state";
import { Bones } from "@/components/ui/bones";
import { IconButton } from "@/components/ui/icon-button";
import { Menu } from "@/components/ui/menu";
import { closeArtifact } from "@/features/artifacts/state";
import { useCommand } from "@/features/commands/registry";
import { useKeysLabel } from "@/features/commands/use-keys";
import { useReport } from "@/features/errors/report";
import { ProposedNote } from "@/features/memory/proposed-note";
import { useThreadActions } from "@/features/sidebar/thread-actions";
import { ThreadMenuItems } from "@/features/sidebar/thread-menu";
import { useQuietAfter } from "@/features/voice/read-aloud";
import { changeParameters, follow, send, sendLater, stop } from "./actions";
import { Composer, type Outgoing } from "./composer/composer";
import { HouseLock } from "./house-lock";
import { isFollowed, isRunning, useRunFacts } from "./stream/runs";
import { TemporaryNote } from "./temporary";
import { ThreadView } from "./thread-view";
import { pathTo } from "./tree";

/** One chat. */
export function ThreadPage({ threadId }: { threadId: string }) {
  const { data, error } = useThread(threadId);
  const { wide } = useMe().preferences;
  if (error instanceof ApiError && error.status === 404) return <ThreadMissing />;
  if (error && !data) return <PageFailed error={error} header={<Header />} />;
  return (
    <main className={`main ${wide ? "is-wide" : ""}`} id="main">
      {data ? <ThreadHeader thread={data.thread} /> : <Header />}
      {data?.thread.state === "temp" ? <TemporaryNote thread={data.thread} /> : null}
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
  const report = useReport();
  const save = useSavePreferences();
  const { wide = false } = useMe().preferences;
  const title = thread.title || t`New chat`;
  const wideKeys = useKeysLabel("column.wide");
  const widen = () => save.mutate({ wide: !wide });
  const { pin, rename, fold, exportIt, archive, remove } = useThreadActions(thread);
  useCommand("chat.rename", rename);
  const temporary = thread.state === "temp";
  useCommand("chat.pin", temporary ? null : pin, thread.pinned ? t`Unpin this chat` : undefined);
  useCommand("chat.fold", fold);
  useCommand("chat.export", exportIt);
  useCommand(
    "chat.archive",
    temporary ? null : archive,
    thread.state === "archived" ? t`Unarchive this chat` : undefined,
  );
  useCommand("chat.delete", remove);
  useCommand("column.wide", widen, wide ? t`Narrow column` : undefined);
  return (
    <Header
      actions={
        <>
          <HouseLock
            on={thread.in_house}
            onChange={(in_house) => void patchThread(thread.id, { in_house }).catch(report)}
          />
          <IconButton
            label={wide ? t`Narrow column` : t`Wide column`}
            className={`only-wide ${wide ? "is-on" : ""}`}
            aria-pressed={wide}
            keys={wideKeys}
            onClick={widen}
          >
            <UnfoldHorizontal />
          </IconButton>
        </>
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
  const online = useShell((state) => state.online);
  const { data } = useThread(threadId);
  const jumping = useSearch({ strict: false, select: ({ message }) => message !== undefined });
  useFollowing(threadId);
  useQuietAfter(threadId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is open belongs to this chat
  useEffect(() => closeArtifact, [threadId]);
  const onStop = () => void stop(threadId).catch(report);
  useCommand("answer.stop", run ? onStop : null);
  if (!data) return null;
  const { thread, messages } = data;
  const path = pathTo(messages, thread.leaf_id, thread.choices);
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
      <ThreadView thread={thread} messages={messages} path={path} folds={data.folds} run={run} />
      <div className="composer-wrap">
        <div className="column">
          <ProposedNote threadId={threadId} />
          <Composer
            scope={threadId}
            model={thread.model}
            inHouse={thread.in_house}
            onModel={(model) => void patchThread(threadId, { model }).catch(report)}
            parameters={thread.parameters}
            onParameters={(parameters) => void changeParameters(threadId, parameters).catch(report)}
            onSend={onSend}
            running={run !== undefined}
            stopping={run?.stopping}
            onStop={onStop}
            used={lastRun ? (lastRun.input_tokens ?? 0) + (lastRun.output_tokens ?? 0) : null}
            autoFocus={!jumping && !matchMedia("(pointer: coarse)").matches}
          />
          <p className={`composer-note ${online ? "" : "is-away"}`}>
            {online ? (
              <Trans>Models make mistakes. Each answer says where it was written.</Trans>
            ) : (
              <Trans>No connection: what you send waits on this device and goes when it is back.</Trans>
            )}
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
  const streaming =
    data?.messages.filter(({ status, generation_id: id }) => status === "streaming" && id) ?? [];
  const which = streaming.map((message) => message.id).join();
  const online = useShell((state) => state.online);
  const unread = online && (data?.thread.unread ?? false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `which` says when it is about others
  useEffect(() => {
    // one that may still be in the outbox is followed by what sends it
    if (isSending(threadId)) return;
    for (const message of streaming) if (!isFollowed(message)) follow(message).catch(report);
  }, [threadId, which, report]);
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
