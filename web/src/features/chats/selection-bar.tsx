import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Archive, ArchiveRestore, Download, Folder, FolderOutput, Trash2, X } from "lucide-react";
import { useProjects } from "@/api/projects";
import type { Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem } from "@/components/ui/menu";
import { useBulk } from "./use-bulk";

interface BarProps {
  /** What is selected. */
  threads: Thread[];
  loaded: number;
  archived: boolean;
  onAll: () => void;
  onNone: () => void;
}

/** How many are selected and what can be done with them; it stays at the top while the list moves. */
export function SelectionBar({ threads, loaded, archived, onAll, onNone }: BarProps) {
  const { t } = useLingui();
  const bulk = useBulk();
  const count = threads.length;
  const ids = threads.map((thread) => thread.id);
  const box = (element: HTMLInputElement | null) => {
    if (element) element.indeterminate = count > 0 && count < loaded;
  };
  return (
    <div className="chats-bar">
      <label className="chats-box">
        <input
          ref={box}
          type="checkbox"
          aria-label={t`Select all`}
          checked={count === loaded}
          onChange={onAll}
        />
      </label>
      <span role="status" className={count === 0 ? "quiet grow" : "grow"}>
        {count === 0 ? (
          <>
            <Trans>Select chats.</Trans>{" "}
            <span className="only-wide">
              <Trans>Shift selects a range.</Trans>
            </span>
          </>
        ) : (
          <Plural value={count} one="# selected" other="# selected" />
        )}
      </span>
      {count > 0 ? (
        <div className="chats-actions" role="toolbar" aria-label={t`Actions for what is selected`}>
          <Button
            small
            variant="ghost"
            aria-label={archived ? t`Unarchive` : t`Archive`}
            onClick={() => void (archived ? bulk.unarchive({ ids }) : bulk.archive({ ids }))}
          >
            {archived ? <ArchiveRestore /> : <Archive />}
            <span className="only-wide">{archived ? <Trans>Unarchive</Trans> : <Trans>Archive</Trans>}</span>
          </Button>
          <MoveMenu threads={threads} />
          <Button small variant="ghost" aria-label={t`Export`} onClick={() => void bulk.exportThem(ids)}>
            <Download />
            <span className="only-wide">
              <Trans>Export</Trans>
            </span>
          </Button>
          <Button
            small
            variant="ghost"
            aria-label={t`Delete`}
            className="text-danger"
            onClick={() => void bulk.remove({ ids })}
          >
            <Trash2 />
            <span className="only-wide">
              <Trans>Delete</Trans>
            </span>
          </Button>
          <IconButton label={t`Select none`} onClick={onNone}>
            <X />
          </IconButton>
        </div>
      ) : null}
    </div>
  );
}

function MoveMenu({ threads }: { threads: Thread[] }) {
  const { t } = useLingui();
  const bulk = useBulk();
  const { data: projects = [] } = useProjects();
  const ids = threads.map((thread) => thread.id);
  if (projects.length === 0) return null;
  return (
    <Menu
      align="end"
      trigger={
        <Button small variant="ghost" aria-label={t`Move to a project`}>
          <Folder />
          <span className="only-wide">
            <Trans>Move</Trans>
          </span>
        </Button>
      }
    >
      {projects.map((project) => (
        <MenuItem key={project.id} icon={<Folder />} onSelect={() => void bulk.move({ ids }, project)}>
          {project.name}
        </MenuItem>
      ))}
      {threads.some((thread) => thread.project_id) ? (
        <MenuItem icon={<FolderOutput />} onSelect={() => void bulk.move({ ids }, null)}>
          <Trans>Out of the project</Trans>
        </MenuItem>
      ) : null}
    </Menu>
  );
}
