import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useParams } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  Folder,
  FolderOutput,
  FolderPlus,
  Pencil,
  Pin,
  PinOff,
  Trash2,
} from "lucide-react";
import { useProjects } from "@/api/projects";
import { deleteThread, patchThread, restoreThread } from "@/api/threads";
import type { Thread } from "@/api/types";
import { MenuBranch, MenuItem, MenuLine } from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { useThreadDialogs } from "./thread-dialogs";

/** What can be done with a chat; the same in the list and under its title. */
export function ThreadMenuItems({ thread }: { thread: Thread }) {
  const { t } = useLingui();
  const report = useReport();
  const navigate = useNavigate();
  const open = useParams({ strict: false }).threadId;
  const ask = useThreadDialogs((state) => state.ask);

  const leave = () => {
    if (open === thread.id) void navigate({ to: "/" });
  };
  const remove = async () => {
    const wasOpen = open === thread.id;
    leave();
    await deleteThread(thread.id);
    const undo = async () => {
      await restoreThread(thread.id);
      if (wasOpen) await navigate({ to: "/c/$threadId", params: { threadId: thread.id } });
    };
    toast(t`Chat deleted`, { action: { label: t`Undo`, run: () => void undo().catch(report) } });
  };
  const archive = async () => {
    const { id, state } = thread;
    const archived = state === "archived";
    const wasOpen = open === id;
    if (!archived) leave();
    await patchThread(id, { state: archived ? "active" : "archived" });
    const undo = async () => {
      await patchThread(id, { state: archived ? "archived" : "active" });
      if (wasOpen) await navigate({ to: "/c/$threadId", params: { threadId: id } });
    };
    toast(archived ? t`Chat unarchived` : t`Chat archived`, {
      action: { label: t`Undo`, run: () => void undo().catch(report) },
    });
  };
  return (
    <>
      <MenuItem
        icon={thread.pinned ? <PinOff /> : <Pin />}
        onSelect={() => void patchThread(thread.id, { pinned: !thread.pinned }).catch(report)}
      >
        {thread.pinned ? <Trans>Unpin</Trans> : <Trans>Pin</Trans>}
      </MenuItem>
      <MenuItem icon={<Pencil />} onSelect={() => ask({ kind: "rename-thread", thread })}>
        <Trans>Rename</Trans>
      </MenuItem>
      <MoveToProject thread={thread} />
      <MenuItem
        icon={thread.state === "archived" ? <ArchiveRestore /> : <Archive />}
        onSelect={() => void archive().catch(report)}
      >
        {thread.state === "archived" ? <Trans>Unarchive</Trans> : <Trans>Archive</Trans>}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Trash2 />} danger onSelect={() => void remove().catch(report)}>
        <Trans>Delete</Trans>
      </MenuItem>
    </>
  );
}

function MoveToProject({ thread }: { thread: Thread }) {
  const { t } = useLingui();
  const report = useReport();
  const { data: projects = [] } = useProjects();
  const ask = useThreadDialogs((state) => state.ask);
  const move = async (id: string | null, name?: string) => {
    const before = thread.project_id;
    await patchThread(thread.id, { project_id: id });
    const undo = () => void patchThread(thread.id, { project_id: before }).catch(report);
    toast(name ? t`Moved to ${name}` : t`Taken out of the project`, {
      action: { label: t`Undo`, run: undo },
    });
  };
  return (
    <MenuBranch icon={<Folder />} label={<Trans>Move to a project</Trans>}>
      {projects
        .filter((project) => project.id !== thread.project_id)
        .map((project) => (
          <MenuItem
            key={project.id}
            icon={<Folder />}
            onSelect={() => void move(project.id, project.name).catch(report)}
          >
            {project.name}
          </MenuItem>
        ))}
      {thread.project_id ? (
        <MenuItem icon={<FolderOutput />} onSelect={() => void move(null).catch(report)}>
          <Trans>Out of the project</Trans>
        </MenuItem>
      ) : null}
      <MenuItem icon={<FolderPlus />} onSelect={() => ask({ kind: "new-project", thread })}>
        <Trans>New project</Trans>
      </MenuItem>
    </MenuBranch>
  );
}
