import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useMatchRoute } from "@tanstack/react-router";
import { PanelLeft, SquarePen } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { Mark } from "@/components/ui/mark";
import { keysLabel } from "@/lib/keys";
import { AccountMenu } from "./account-menu";
import { ArchivedThreads } from "./archived";
import { PinnedThreads, ThreadsByDay } from "./lists";
import { Projects } from "./projects";

/** Where one goes from: new chat, pinned chats, projects, chats by day, the account. */
export function Sidebar({ onHide }: { onHide: () => void }) {
  const { t } = useLingui();
  const atHome = Boolean(useMatchRoute()({ to: "/" }));
  return (
    <aside className="sidebar" aria-label={t`Sidebar`}>
      <div className="sidebar-top">
        <div className="row">
          <Link to="/" className="brand no-underline">
            <Mark />
            Freehold
          </Link>
          <span className="grow" />
          <IconButton label={t`Hide sidebar`} keys={keysLabel("mod+b")} onClick={onHide}>
            <PanelLeft />
          </IconButton>
        </div>
        <Link
          to="/"
          className={`side-row mt-2 ${atHome ? "is-current" : ""}`}
          aria-current={atHome ? "page" : undefined}
        >
          <SquarePen />
          <Trans>New chat</Trans>
          <span className="meta kbd only-wide">{keysLabel("mod+shift+o")}</span>
        </Link>
      </div>
      <nav className="side-list scroll" aria-label={t`Chats`}>
        <PinnedThreads />
        <Projects />
        <ThreadsByDay />
        <ArchivedThreads />
      </nav>
      <div className="side-foot">
        <AccountMenu />
      </div>
    </aside>
  );
}
