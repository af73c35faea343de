import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useImportNotes } from "@/api/imports";
import type { ImportNote } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Loaded } from "@/features/settings/page";
import { OF_ARCHIVE, useLoss } from "./words";

/** What could not be taken, chat by chat. */
export function ImportNotes({ id, open }: { id: string; open: boolean }) {
  const query = useImportNotes(id, open);
  return (
    <Loaded query={query} bones={[50, 60]}>
      {({ pages }) => (
        <>
          <ul className="moving-notes">
            {pages
              .flatMap((page) => page.items)
              .map((note) => (
                <Note key={note.seq} note={note} />
              ))}
          </ul>
          {query.hasNextPage ? (
            <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              <Trans>Show more</Trans>
            </Button>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

function Note({ note }: { note: ImportNote }) {
  const loss = useLoss();
  const whole = note.items.some((item) => OF_ARCHIVE.has(item.code));
  const title = note.title || (whole ? <Trans>The archive</Trans> : <Trans>Chat without a title</Trans>);
  return (
    <li>
      {note.thread_id ? (
        <Link to="/c/$threadId" params={{ threadId: note.thread_id }}>
          {title}
        </Link>
      ) : (
        <b>{title}</b>
      )}
      {note.items.map((item) => (
        <div key={item.code} className="quiet">
          {loss(item.code, item.count)}
          {item.names.length > 0 ? <span> · {item.names.join(" · ")}</span> : null}
        </div>
      ))}
    </li>
  );
}
