import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useId, useState } from "react";
import { addFact } from "@/api/memory";
import { useProjects } from "@/api/projects";
import { useThread } from "@/api/threads";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";

const LONGEST = 500;

interface RememberDialogProps {
  text: string;
  threadId: string;
  onClose: () => void;
}

/** Lets one say in a sentence what is to be remembered, and where. */
export function RememberDialog({ text, threadId, onClose }: RememberDialogProps) {
  const { t } = useLingui();
  const report = useReport();
  const form = useId();
  const hint = useId();
  const [said, setSaid] = useState(text.trim().slice(0, LONGEST));
  const [here, setHere] = useState(true);
  const projectId = useThread(threadId).data?.thread.project_id;
  const project = useProjects().data?.find(({ id }) => id === projectId)?.name;
  const save = (event: FormEvent) => {
    event.preventDefault();
    const fact = {
      text: said.trim(),
      project_id: (project && here && projectId) || null,
      thread_id: threadId,
    };
    void addFact(fact)
      .then(() => toast(t`Remembered`))
      .catch(report);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={<Trans>Remember this</Trans>}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" type="submit" form={form} disabled={!said.trim()}>
            <Trans>Remember</Trans>
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={save} className="remember-form">
        <textarea
          className="field"
          aria-label={t`What is to be remembered`}
          aria-describedby={hint}
          rows={4}
          maxLength={LONGEST}
          value={said}
          onChange={(event) => setSaid(event.target.value)}
        />
        <p id={hint} className="hint sm">
          <Trans>
            Best in one sentence. It goes with what you ask from now on; Settings, Memory has all of it.
          </Trans>
        </p>
        {project ? (
          <div className="row">
            <span className="grow">
              <Trans>Only in {project}</Trans>
            </span>
            <Switch label={t`Only in ${project}`} checked={here} onChange={setHere} />
          </div>
        ) : null}
      </form>
    </Dialog>
  );
}
