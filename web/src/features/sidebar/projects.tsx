import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Bookmark, Ellipsis, Folder, FolderOpen, FolderPlus, Pencil, SquarePen, Trash2 } from "lucide-react";
import { useState } from "react";
import { useProjects } from "@/api/projects";
import { useThreads } from "@/api/threads";
import type { Project } from "@/api/types";
import { Bones } from "@/components/ui/bones";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { useThreadDialogs } from "./thread-dialogs";
import { ThreadRow } from "./thread-row";

/** Folders of chats. Without any, only the menu of a chat offers to make one. */
export function Projects() {
  const { t } = useLingui();
  const { data: projects = [] } = useProjects();
  const ask = useThreadDialogs((state) => state.ask);
  if (projects.length === 0) return null;
  return (
    <section>
      <h2 className="side-group">
        <Trans>Projects</Trans>
        <IconButton label={t`New project`} className="side-add" onClick={() => ask({ kind: "new-project" })}>
          <FolderPlus className="i-14" />
        </IconButton>
      </h2>
      {projects.map((project) => (
        <ProjectRow key={project.id} project={project} />
      ))}
    </section>
  );
}

function ProjectRow({ project }: { project: Project }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const ask = useThreadDialogs((state) => state.ask);
  return (
    <>
      <div className="side-item">
        <button
          type="button"
          className="side-row"
          aria-expanded={open}
          title={project.name}
          onClick={() => setOpen(!open)}
        >
          {open ? <FolderOpen /> : <Folder />}
          <span className="clip">{project.name}</span>
          <span className="meta">{project.threads}</span>
        </button>
        <Menu
          align="start"
          trigger={
            <IconButton label={t`Actions for ${project.name}`} className="side-more">
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem icon={<SquarePen />} render={<Link to="/" search={{ project: project.id }} />}>
            <Trans>New chat here</Trans>
          </MenuItem>
          <MenuItem icon={<Pencil />} onSelect={() => ask({ kind: "rename-project", project })}>
            <Trans>Rename</Trans>
          </MenuItem>
          <MenuItem
            icon={<Bookmark />}
            render={
              <Link to="/settings/$section" params={{ section: "memory" }} search={{ project: project.id }} />
            }
          >
            <Trans>What is remembered</Trans>
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<Trash2 />} danger onSelect={() => ask({ kind: "delete-project", project })}>
            <Trans>Delete</Trans>
          </MenuItem>
        </Menu>
      </div>
      {open ? <ProjectThreads project={project} /> : null}
    </>
  );
}

function ProjectThreads({ project }: { project: Project }) {
  const { data, isPending } = useThreads({ project: project.id });
  if (isPending) return <Bones className="px-8 py-2" widths={[64]} />;
  const threads = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="side-sub">
      {threads.map((thread) => (
        <ThreadRow key={thread.id} thread={thread} />
      ))}
      {threads.length === 0 ? (
        <Link to="/" search={{ project: project.id }} className="side-row hint">
          <Trans>New chat here</Trans>
        </Link>
      ) : null}
    </div>
  );
}
