import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Lock, Pin } from "lucide-react";
import { memo, useRef } from "react";
import type { Project, Thread } from "@/api/types";
import { activeLocale } from "@/i18n";
import { ago } from "@/lib/ago";

interface RowsProps {
  threads: Thread[];
  projects: Project[];
  chosen: ReadonlySet<string>;
  onPick: (id: string, range: boolean) => void;
}

export function ChatRows({ threads, projects, chosen, onPick }: RowsProps) {
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  const latest = useRef(onPick);
  latest.current = onPick;
  const pick = useRef((id: string, range: boolean) => latest.current(id, range)).current;
  return (
    <ul className="chats-rows">
      {threads.map((thread) => (
        <Row
          key={thread.id}
          thread={thread}
          project={thread.project_id ? names.get(thread.project_id) : undefined}
          chosen={chosen.has(thread.id)}
          onPick={pick}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  thread: Thread;
  project: string | undefined;
  chosen: boolean;
  onPick: (id: string, range: boolean) => void;
}

/** The box selects, also around itself; the title opens. */
const Row = memo(function Row({ thread, project, chosen, onPick }: RowProps) {
  const { t } = useLingui();
  const title = thread.title || t`New chat`;
  return (
    <li className="chats-row" data-chosen={chosen || undefined}>
      <label className="chats-box">
        <input
          type="checkbox"
          data-chat={thread.id}
          aria-label={t`Select ${title}`}
          checked={chosen}
          // a click tells of the Shift key, a change does not
          onClick={(event) => onPick(thread.id, event.shiftKey)}
          onChange={() => undefined}
        />
      </label>
      <Link to="/c/$threadId" params={{ threadId: thread.id }} className="chats-title clip" title={title}>
        {title}
      </Link>
      {thread.pinned ? <Pin className="i-14" role="img" aria-label={t`Pinned`} /> : null}
      {thread.in_house ? <Lock className="i-14" role="img" aria-label={t`Kept in the house`} /> : null}
      {project ? <span className="chats-note chats-in clip">{project}</span> : null}
      <time className="chats-note" dateTime={thread.last_activity_at}>
        {ago(thread.last_activity_at, activeLocale())}
      </time>
    </li>
  );
});
