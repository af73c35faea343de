import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { addFact, changeFact, removeFact } from "@/api/memory";
import type { FactInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { FactForm } from "./fact-form";

/** One fact that is remembered; `project` names where it belongs, when that is not plain. */
export function FactRow({ fact, project }: { fact: FactInfo; project?: string }) {
  const { t } = useLingui();
  const report = useReport();
  const [editing, setEditing] = useState(false);
  const { id, text, project_id, thread_id } = fact;
  const forget = async () => {
    await removeFact(id);
    const undo = () => void addFact({ text, project_id, thread_id }).catch(report);
    toast(t`Forgotten`, { undo });
  };
  if (editing)
    return (
      <li>
        <FactForm
          label={t`Fact`}
          value={text}
          action={<Trans>Save</Trans>}
          onCancel={() => setEditing(false)}
          onSave={async (said) => {
            await changeFact(id, { text: said });
            setEditing(false);
          }}
        />
      </li>
    );
  return (
    <li>
      <span className="grow fact-text">
        <span>{text}</span>
        {project ? <span className="hint sm">{project}</span> : null}
      </span>
      {thread_id ? <FromChat id={thread_id} /> : null}
      <IconButton label={t`Edit: ${text}`} onClick={() => setEditing(true)}>
        <Pencil className="i-14" />
      </IconButton>
      <IconButton label={t`Forget: ${text}`} onClick={() => void forget().catch(report)}>
        <Trash2 className="i-14" />
      </IconButton>
    </li>
  );
}

/** One that a model proposed and nobody has answered. */
export function ProposedRow({ fact }: { fact: FactInfo }) {
  const { t } = useLingui();
  const report = useReport();
  const { id, text, thread_id } = fact;
  return (
    <li>
      <span className="grow fact-text">{text}</span>
      {thread_id ? <FromChat id={thread_id} /> : null}
      <Button
        small
        variant="ghost"
        aria-label={t`Do not remember: ${text}`}
        onClick={() => void removeFact(id).catch(report)}
      >
        <Trans>No</Trans>
      </Button>
      <Button
        small
        aria-label={t`Remember: ${text}`}
        onClick={() => void changeFact(id, { state: "kept" }).catch(report)}
      >
        <Trans>Remember</Trans>
      </Button>
    </li>
  );
}

function FromChat({ id }: { id: string }) {
  return (
    <Link to="/c/$threadId" params={{ threadId: id }} className="hint sm fact-from">
      <Trans>from a chat</Trans>
    </Link>
  );
}
