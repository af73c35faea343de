import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { create } from "zustand";
import { createProject, deleteProject, renameProject } from "@/api/projects";
import { patchThread } from "@/api/threads";
import type { Project, Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm, Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";

type Question =
  | { kind: "rename-thread"; thread: Thread }
  | { kind: "new-project"; thread?: Thread }
  | { kind: "rename-project"; project: Project }
  | { kind: "delete-project"; project: Project };

interface DialogState {
  question: Question | null;
  ask: (question: Question) => void;
  close: () => void;
}

export const useThreadDialogs = create<DialogState>((set) => ({
  question: null,
  ask: (question) => set({ question }),
  close: () => set({ question: null }),
}));

/** The dialogs of the sidebar, once for the whole shell. */
export function ThreadDialogs() {
  const { t } = useLingui();
  const { question, close } = useThreadDialogs();
  const report = useReport();
  if (!question) return null;
  if (question.kind === "delete-project") {
    const { project } = question;
    return (
      <Confirm
        open
        onOpenChange={close}
        title={<Trans>Delete the project “{project.name}”?</Trans>}
        action={<Trans>Delete</Trans>}
        onConfirm={() => void deleteProject(project.id).catch(report)}
      >
        <Trans>Its chats stay, outside of any project.</Trans>
      </Confirm>
    );
  }
  if (question.kind === "rename-thread") {
    const { thread } = question;
    const rename = (title: string) => patchThread(thread.id, { title });
    return (
      <NameDialog
        title={t`Rename chat`}
        label={t`Title`}
        value={thread.title}
        onSave={rename}
        onClose={close}
      />
    );
  }
  if (question.kind === "rename-project") {
    const { project } = question;
    const rename = (name: string) => renameProject(project.id, name);
    return (
      <NameDialog
        title={t`Rename project`}
        label={t`Name`}
        value={project.name}
        onSave={rename}
        onClose={close}
      />
    );
  }
  const { thread } = question;
  const make = async (name: string) => {
    const project = await createProject(name);
    if (!thread) return;
    const { id, project_id: before } = thread;
    await patchThread(id, { project_id: project.id });
    const undo = () => void patchThread(id, { project_id: before }).catch(report);
    toast(t`Moved to ${name}`, { undo });
  };
  return (
    <NameDialog
      title={t`New project`}
      label={t`Name`}
      value=""
      action={<Trans>Create</Trans>}
      onSave={make}
      onClose={close}
    />
  );
}

interface NameDialogProps {
  title: string;
  label: string;
  value: string;
  /** What the button says; without it *Save*. */
  action?: ReactNode;
  onSave: (value: string) => Promise<void>;
  onClose: () => void;
}

function NameDialog({ title, label, value, action, onSave, onClose }: NameDialogProps) {
  const form = useId();
  const report = useReport();
  const [text, setText] = useState(value);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const name = text.trim();
    if (name && name !== value) void onSave(name).catch(report);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" type="submit" form={form} disabled={!text.trim()}>
            {action ?? <Trans>Save</Trans>}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={save}>
        <TextField
          label={label}
          value={text}
          maxLength={200}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
