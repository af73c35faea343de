import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { changeThreads, takeBack } from "@/api/bulk";
import { saveChats } from "@/api/exports";
import type { ThreadsChange } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { activeLocale } from "@/i18n";

/** What can be done with many chats at once; each can be taken back. What fails is told. */
export function useBulk() {
  const { t } = useLingui();
  const report = useReport();
  const run = async (change: ThreadsChange, said: (count: number) => string) => {
    const { changed, undo } = await changeThreads([change]);
    if (changed === 0) toast(t`Nothing had to be changed`);
    else toast(said(changed), { undo: () => void takeBack(undo).catch(report) });
  };
  type Which = { ids: string[] } | { every: ("active" | "archived")[] };
  const change = (what: ThreadsChange, said: (count: number) => string) =>
    run(what, said).catch((error: unknown) => report(error));
  const exportThem = async (ids: string[]) => {
    toast(t`The archive is being made. It comes as a download.`);
    const { state } = await saveChats(activeLocale(), ids);
    if (state === "failed")
      toast(t`The archive could not be made. Import and export says why.`, { failed: true });
  };
  return {
    exportThem: (ids: string[]) => exportThem(ids).catch(report),
    archive: (which: Which) =>
      change({ ...which, state: "archived" }, (count) =>
        plural(count, { one: "# chat archived", other: "# chats archived" }),
      ),
    unarchive: (which: Which) =>
      change({ ...which, state: "active" }, (count) =>
        plural(count, { one: "# chat unarchived", other: "# chats unarchived" }),
      ),
    remove: (which: Which) =>
      change({ ...which, state: "deleted" }, (count) =>
        plural(count, { one: "# chat deleted", other: "# chats deleted" }),
      ),
    move: (which: Which, project: { id: string; name: string } | null) => {
      const name = project?.name;
      return change({ ...which, project_id: project?.id ?? null }, (count) =>
        name
          ? plural(count, { one: `# chat moved to ${name}`, other: `# chats moved to ${name}` })
          : plural(count, {
              one: "# chat taken out of its project",
              other: "# chats taken out of their projects",
            }),
      );
    },
  };
}
