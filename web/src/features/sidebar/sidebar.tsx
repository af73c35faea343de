import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useMatchRoute } from "@tanstack/react-router";
import { Images, ListChecks, PanelLeft, Search, SquarePen } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { Mark } from "@/components/ui/mark";
import { useCentre } from "@/features/commands/centre";
import { useKeysLabel } from "@/features/commands/use-keys";
import { AccountMenu } from "./account-menu";
import { ArchivedThreads } from "./archived";
import { PinnedThreads, ThreadsByDay } from "./lists";
import { Projects } from "./projects";

/** Where one goes from: new chat, pinned chats, projects, chats by day, the account. */
export function Sidebar({ onHide }: { onHide: () => void }) {
  const { t } = useLingui();
  const show = useCentre((state) => state.show);
  const hideKeys = useKeysLabel("sidebar.toggle");
  const searchKeys = useKeysLabel("palette.open");
  const newKeys = useKeysLabel("chat.new");
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
          <IconButton label={t`Hide sidebar`} keys={hideKeys} onClick={onHide}>
            <PanelLeft />
          </IconButton>
        </div>
        <button type="button" className="side-search" aria-haspopup="dialog" onClick={() => show("palette")}>
          <Search />
          <span className="grow">
            <Trans>Search</Trans>
          </span>
          <span className="kbd only-wide">{searchKeys}</span>
        </button>
        <Link
          to="/"
          className={`side-row ${atHome ? "is-current" : ""}`}
          aria-current={atHome ? "page" : undefined}
        >
          <SquarePen />
          <Trans>New chat</Trans>
          <span className="meta kbd only-wide">{newKeys}</span>
        </Link>
        <Link
          to="/search"
          className="side-row"
          activeProps={{ className: "is-current", "aria-current": "page" }}
        >
          <Search />
          <Trans>Search chats</Trans>
        </Link>
        <Link
          to="/chats"
          className="side-row"
          activeProps={{ className: "is-current", "aria-current": "page" }}
        >
          <ListChecks />
          <Trans>All chats</Trans>
        </Link>
        <Link
          to="/pictures"
          className="side-row"
          activeProps={{ className: "is-current", "aria-current": "page" }}
        >
          <Images />
          <Trans>Pictures</Trans>
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
