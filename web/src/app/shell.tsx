import { Trans, useLingui } from "@lingui/react/macro";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { useEffect } from "react";
import { startLive } from "@/api/live";
import { Drawer } from "@/components/ui/dialog";
import { resumeTurns } from "@/features/chat/actions";
import { useRefusal } from "@/features/chat/use-refusal";
import { Sidebar } from "@/features/sidebar/sidebar";
import { ThreadDialogs } from "@/features/sidebar/thread-dialogs";
import { useShortcut } from "@/lib/keys";
import { useIsNarrow } from "@/lib/media";
import { usePreferences } from "./preferences";
import { useShell } from "./state";

/** The frame of all chat pages: sidebar on the left (a drawer when narrow), the page beside it. */
export function Shell() {
  const navigate = useNavigate();
  const narrow = useIsNarrow();
  const { sidebarOpen, online, setSidebar, setDrawer } = useShell();
  usePreferences();
  const refused = useRefusal();
  useEffect(() => startLive(useShell.getState().setOnline), []);
  useEffect(() => resumeTurns(refused), [refused]);
  useShortcut("mod+shift+o", () => void navigate({ to: "/" }));
  useShortcut("mod+b", () => (narrow ? setDrawer(true) : setSidebar(!sidebarOpen)));

  return (
    <div className="app">
      <a className="btn btn-outline skip" href="#main">
        <Trans>Skip to the chat</Trans>
      </a>
      {narrow ? <SidebarDrawer /> : sidebarOpen ? <Sidebar onHide={() => setSidebar(false)} /> : null}
      <div className="stack min-w-0 flex-1">
        {online ? null : <OfflineNote />}
        <Outlet />
      </div>
      <ThreadDialogs />
    </div>
  );
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
        <Trans>
          No connection to Freehold. You can read what is open; it goes on by itself when the line is back.
        </Trans>
      </span>
    </div>
  );
}
