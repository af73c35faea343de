import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Ellipsis, Lock } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Thread } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu } from "@/components/ui/menu";
import { ThreadMenuItems } from "./thread-menu";

/** One chat in the list. A dot says that an answer is being written or waits unread. */
export const ThreadRow = memo(function ThreadRow({ thread, icon }: { thread: Thread; icon?: ReactNode }) {
  const { t } = useLingui();
  const title = thread.title || t`New chat`;
  return (
    <div className="side-item">
      <Link
        to="/c/$threadId"
        params={{ threadId: thread.id }}
        className="side-row"
        activeProps={{ className: "is-current", "aria-current": "page" }}
        title={title}
      >
        {icon}
        <span className="clip">{title}</span>
        {thread.in_house ? (
          <span className="meta">
            <Lock className="i-14" role="img" aria-label={t`Kept in the house`} />
          </span>
        ) : null}
        {thread.generating ? (
          <span className="meta">
            <span
              className="dot dot-live is-busy"
              role="img"
              aria-label={t`Answering`}
              title={t`Answering`}
            />
          </span>
        ) : thread.unread ? (
          <span className="meta">
            <span className="dot dot-live" role="img" aria-label={t`New answer`} title={t`New answer`} />
          </span>
        ) : null}
      </Link>
      <Menu
        align="start"
        trigger={
          <IconButton label={t`Actions for ${title}`} className="side-more">
            <Ellipsis />
          </IconButton>
        }
      >
        <ThreadMenuItems thread={thread} />
      </Menu>
    </div>
  );
});
