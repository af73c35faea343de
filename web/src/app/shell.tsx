import { Trans, useLingui } from "@lingui/react/macro";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Sparkles, WifiOff } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { ownerOfKept } from "@/api/away";
import { useMe } from "@/api/bootstrap";
import { onLive, startLive } from "@/api/live";
import { queryClient } from "@/api/query-client";
import { useRelease } from "@/api/release";
import { threadQuery } from "@/api/threads";
import type { LiveEvent } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Drawer } from "@/components/ui/dialog";
import { ArtifactSlot } from "@/features/artifacts/slot";
import { resumeTurns } from "@/features/chat/actions";
import { useRefusal } from "@/features/chat/use-refusal";
import { useCommand } from "@/features/commands/registry";
import { RememberSlot } from "@/features/memory/remember-slot";
import { MovingDialogs } from "@/features/moving/moving-dialogs";
import { Sidebar } from "@/features/sidebar/sidebar";
import { ThreadDialogs } from "@/features/sidebar/thread-dialogs";
import { useIsNarrow } from "@/lib/media";
import { tellEnd } from "@/lib/notify";
import { usePreferences } from "./preferences";
import { useShell } from "./state";

/** The frame of all chat pages: sidebar on the left (a drawer when narrow), the page beside it. */
export function Shell() {
  const narrow = useIsNarrow();
  const { sidebarOpen, online, setSidebar, setDrawer } = useShell();
  usePreferences();
  const refused = useRefusal();
  useEffect(() => startLive(useShell.getState().setOnline), []);
  useEffect(() => resumeTurns(refused), [refused]);
  useNotices();
  useCommand("sidebar.toggle", () => (narrow ? setDrawer(true) : setSidebar(!sidebarOpen)));

  return (
    <div className="app">
      <a className="btn btn-outline skip" href="#main">
        <Trans>Skip to the chat</Trans>
      </a>
      {narrow ? <SidebarDrawer /> : sidebarOpen ? <Sidebar onHide={() => setSidebar(false)} /> : null}
      <div className="stack min-w-0 flex-1">
        {online ? null : <OfflineNote />}
        <ReleaseNote />
        <Outlet />
      </div>
      <ArtifactSlot />
      <ThreadDialogs />
      <MovingDialogs />
      <RememberSlot />
    </div>
  );
}

/** Says that a long answer has ended to whoever looks at something else. */
function useNotices(): void {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { notify = false } = useMe().preferences;
  const ended = useEffectEvent(({ generation }: LiveEvent) => {
    if (!notify || !generation || generation.status === "running" || generation.status === "stopped") return;
    const title =
      queryClient.getQueryData(threadQuery(generation.thread_id).queryKey)?.thread.title || "Freehold";
    const body = generation.status === "done" ? t`The answer is complete.` : t`The answer broke off.`;
    tellEnd(
      { threadId: generation.thread_id, startedAt: generation.started_at, title, body },
      (threadId) => void navigate({ to: "/c/$threadId", params: { threadId } }),
    );
  });
  useEffect(() => onLive((event) => ended(event)), []);
}

function SidebarDrawer() {
  const { t } = useLingui();
  const { drawerOpen, setDrawer } = useShell();
  const path = useRouterState({ select: (state) => state.location.href });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes the drawer
  useEffect(() => setDrawer(false), [path, setDrawer]);
  return (
    <Drawer open={drawerOpen} onOpenChange={setDrawer} label={t`Sidebar`}>
      <Sidebar onHide={() => setDrawer(false)} />
    </Drawer>
  );
}

function OfflineNote() {
  return (
    <div className="note m-2 flex-none" role="status">
      <WifiOff />
      <span className="grow">
        {ownerOfKept() ? (
          <Trans>
            No connection to Freehold. You can read the chats that are kept on this device; what you send
            waits.
          </Trans>
        ) : (
          <Trans>
            No connection to Freehold. You can read what is open; it goes on by itself when the line is back.
          </Trans>
        )}
      </span>
    </div>
  );
}

/** This page goes on as it is until one reloads it: what is typed is on the server by then. */
function ReleaseNote() {
  const newer = useRelease((state) => state.newer);
  if (!newer) return null;
  return (
    <div className="note m-2 flex-none" role="status">
      <Sparkles />
      <span className="grow">
        <Trans>There is a new version of Freehold. What you are writing stays.</Trans>
      </span>
      <Button small onClick={() => location.reload()}>
        <Trans>Reload</Trans>
      </Button>
    </div>
  );
}
