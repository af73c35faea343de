import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Archive, ChevronDown, MessageSquare, Paperclip } from "lucide-react";
import { useState } from "react";
import { findModel, useModels } from "@/api/models";
import type { SearchGroup, SearchHit } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Marks } from "./marks";

/** Hits of one chat that are shown before one asks for the others. */
const FEW = 3;

/** The chats in which something was found, and what. */
export function Results({ groups }: { groups: SearchGroup[] }) {
  return (
    <ol className="hits">
      {groups.map((group) => (
        <Group key={group.thread_id} group={group} />
      ))}
    </ol>
  );
}

function Group({ group }: { group: SearchGroup }) {
  const { t, i18n } = useLingui();
  const [all, setAll] = useState(false);
  const shown = all ? group.hits : group.hits.slice(0, FEW);
  const more = group.hits.length - shown.length;
  return (
    <li className="hit-chat">
      <Link to="/c/$threadId" params={{ threadId: group.thread_id }} className="hit-row" data-found-row>
        <MessageSquare />
        <span className="hit-title clip">{group.title.text ? <Marks of={group.title} /> : t`New chat`}</span>
        {group.archived ? (
          <span className="hit-note">
            <Archive className="i-14" />
            <Trans>Archived</Trans>
          </span>
        ) : null}
        <time className="hit-note" dateTime={group.last_activity_at}>
          {i18n.date(group.last_activity_at, { dateStyle: "medium" })}
        </time>
      </Link>
      {shown.map((hit) => (
        <Hit key={hit.message_id} threadId={group.thread_id} hit={hit} />
      ))}
      {more > 0 ? (
        <Button variant="ghost" small className="hit-more" onClick={() => setAll(true)}>
          <ChevronDown className="i-14" />
          <Trans>{more} more in this chat</Trans>
        </Button>
      ) : null}
    </li>
  );
}

function Hit({ threadId, hit }: { threadId: string; hit: SearchHit }) {
  const { t } = useLingui();
  const { data: models } = useModels();
  const writer =
    hit.role === "user" ? t`You` : (findModel(models, hit.model)?.name ?? hit.model ?? t`the model`);
  return (
    <Link
      to="/c/$threadId"
      params={{ threadId }}
      search={{ message: hit.message_id }}
      className="hit-row hit-message"
      data-found-row
    >
      <span className="hit-who clip">{writer}</span>
      <span className="hit-said">
        <Marks of={hit.snippet} />
      </span>
      {hit.has_file ? (
        <span className="hit-note">
          <Paperclip className="i-14" role="img" aria-label={t`With a file`} />
        </span>
      ) : null}
    </Link>
  );
}
