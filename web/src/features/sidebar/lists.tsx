import { Trans, useLingui } from "@lingui/react/macro";
import { Pin } from "lucide-react";
import { useEffect, useRef } from "react";
import { useThreads } from "@/api/threads";
import { Bones } from "@/components/ui/bones";
import { LoadFailed } from "@/features/errors/load-failed";
import { type DayGroup, groupByDay } from "./days";
import { ThreadRow } from "./thread-row";

export function PinnedThreads() {
  const { data } = useThreads({ pinned: true });
  const threads = data?.pages.flatMap((page) => page.items) ?? [];
  if (threads.length === 0) return null;
  return (
    <section>
      <h2 className="side-group">
        <Trans>Pinned</Trans>
      </h2>
      {threads.map((thread) => (
        <ThreadRow key={thread.id} thread={thread} icon={<Pin />} />
      ))}
    </section>
  );
}

export function ThreadsByDay() {
  const query = useThreads({ pinned: false });
  const { data, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  if (isPending) return <Bones className="px-2 pt-6" widths={[72, 54, 64, 48, 70]} />;
  if (!data) return <LoadFailed query={query} />;
  const threads = data.pages.flatMap((page) => page.items);
  if (threads.length === 0) return <NoThreads />;
  return (
    <>
      {groupByDay(threads, (thread) => thread.last_activity_at).map(({ group, items }) => (
        <section key={group}>
          <h2 className="side-group">
            <DayName group={group} />
          </h2>
          {items.map((thread) => (
            <ThreadRow key={thread.id} thread={thread} />
          ))}
        </section>
      ))}
      {hasNextPage ? <More busy={isFetchingNextPage} onReach={() => void fetchNextPage()} /> : null}
    </>
  );
}

function NoThreads() {
  return (
    <>
      <h2 className="side-group">
        <Trans>Chats</Trans>
      </h2>
      <p className="hint sm px-2 py-1">
        <Trans>No chats yet.</Trans>
      </p>
    </>
  );
}

/** Asks for the next page when its bars come into view. */
function More({ busy, onReach }: { busy: boolean; onReach: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || busy) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onReach(), {
      rootMargin: "400px",
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [busy, onReach]);
  return (
    <div ref={end}>
      <Bones className="p-2" widths={[60, 72]} />
    </div>
  );
}

function DayName({ group }: { group: DayGroup }) {
  const { t, i18n } = useLingui();
  if (group === "today") return t`Today`;
  if (group === "yesterday") return t`Yesterday`;
  if (group === "week") return t`Last week`;
  if (group === "month") return t`Last month`;
  const [year, month] = group.split("-").map(Number);
  return i18n.date(new Date(year ?? 0, (month ?? 1) - 1, 1), { year: "numeric", month: "long" });
}
