import { Trans } from "@lingui/react/macro";
import { Archive } from "lucide-react";
import { useState } from "react";
import { useThreads } from "@/api/threads";
import { Button } from "@/components/ui/button";
import { ThreadRow } from "./thread-row";

/** The way back to what was archived: one quiet row at the end of the list, only when there is any. */
export function ArchivedThreads() {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useThreads({ state: "archived" });
  const [open, setOpen] = useState(false);
  const threads = data?.pages.flatMap((page) => page.items) ?? [];
  if (threads.length === 0) return null;
  return (
    <section className="pt-4">
      <button type="button" className="side-row hint" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Archive />
        <span className="clip">
          <Trans>Archived</Trans>
        </span>
        {hasNextPage ? null : <span className="meta">{threads.length}</span>}
      </button>
      {open ? (
        <div className="side-sub">
          {threads.map((thread) => (
            <ThreadRow key={thread.id} thread={thread} />
          ))}
          {hasNextPage ? (
            <Button variant="ghost" small disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              <Trans>More</Trans>
            </Button>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}
