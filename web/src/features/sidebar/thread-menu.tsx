import { Trans, useLingui } from "@lingui/react/macro";
import {
  Archive,
  ArchiveRestore,
  Download,
  Folder,
  FolderOutput,
  FolderPlus,
  FoldVertical,
  Link2,
  Pencil,
  Pin,
  PinOff,
  Timer,
  TimerOff,
  Trash2,
} from "lucide-react";
import { useProjects } from "@/api/projects";
import { patchThread } from "@/api/threads";
import type { Thread } from "@/api/types";
import { MenuBranch, MenuItem, MenuLine } from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { useThreadActions } from "./thread-actions";
import { useThreadDialogs } from "./thread-dialogs";

/** What can be done with a chat; the same in the list and under its title. */
export function ThreadMenuItems({ thread }: { thread: Thread }) {
  const { pin, rename, fold, share, exportIt, archive, remove } = useThreadActions(thread);
  const temporary = thread.state === "temp"; // it is in no list: there is nothing to put it into
  return (
    <>
      {temporary ? null : (
        <MenuItem icon={thread.pinned ? <PinOff /> : <Pin />} onSelect={pin}>
          {thread.pinned ? <Trans>Unpin</Trans> : <Trans>Pin</Trans>}
        </MenuItem>
      )}
      <MenuItem icon={<Pencil />} onSelect={rename}>
        <Trans>Rename</Trans>
      </MenuItem>
      {temporary ? null : <MoveToProject thread={thread} />}
      <MenuItem icon={<FoldVertical />} onSelect={fold}>
        <Trans>Fold this chat now</Trans>
      </MenuItem>
      <FoldByItself thread={thread} />
      <MenuItem icon={<Link2 />} onSelect={share}>
        <Trans>Share</Trans>
      </MenuItem>
      <MenuItem icon={<Download />} onSelect={exportIt}>
        <Trans>Export</Trans>
      </MenuItem>
      {temporary ? null : (
        <MenuItem icon={thread.state === "archived" ? <ArchiveRestore /> : <Archive />} onSelect={archive}>
          {thread.state === "archived" ? <Trans>Unarchive</Trans> : <Trans>Archive</Trans>}
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem icon={<Trash2 />} danger onSelect={remove}>
        <Trans>Delete</Trans>
      </MenuItem>
    </>
  );
}

function FoldByItself({ thread }: { thread: Thread }) {
  const report = useReport();
  const never = thread.folding === "never";
  return (
    <MenuItem
      icon={never ? <Timer /> : <TimerOff />}
      onSelect={() => void patchThread(thread.id, { folding: never ? "auto" : "never" }).catch(report)}
    >
      {never ? <Trans>Fold it by itself when it gets long</Trans> : <Trans>Never fold it by itself</Trans>}
    </MenuItem>
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
    toast(name ? t`Moved to ${name}` : t`Taken out of the project`, { undo });
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
