import "@/styles/chats.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useState } from "react";
import { useProjects } from "@/api/projects";
import { useThreads } from "@/api/threads";
import { Header } from "@/app/header";
import { Bones } from "@/components/ui/bones";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { Tabs } from "@/components/ui/tabs";
import { LoadFailed } from "@/features/errors/load-failed";
import { ChatRows } from "./chat-rows";
import { NOTHING, pick, pickAll } from "./selection";
import { SelectionBar } from "./selection-bar";
import { useBulk } from "./use-bulk";

type State = "active" | "archived";

/** All of one's chats as a list to select from: by click, range and keys. */
export function ChatsPage() {
  const { t } = useLingui();
  const bulk = useBulk();
  const [state, setState] = useState<State>("active");
  const [project, setProject] = useState("");
  const [selection, setSelection] = useState(NOTHING);
  const { data: projects = [] } = useProjects();
  const query = useThreads({ state, project: project || undefined });
  const threads = query.data?.pages.flatMap((page) => page.items) ?? [];
  const order = threads.map((thread) => thread.id);
  // what left the list is not selected any more, whatever took it away
  const chosen = threads.filter((thread) => selection.chosen.has(thread.id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins without a selection
  useEffect(() => setSelection(NOTHING), [state, project]);

  const onKeyDown = (event: KeyboardEvent) => {
    const actions: Record<string, () => void> = {
      ArrowDown: () => step(event, 1),
      ArrowUp: () => step(event, -1),
      Escape: () => setSelection(NOTHING),
      a: () => setSelection({ chosen: new Set(order), anchor: selection.anchor }),
      Delete: () => void bulk.remove({ ids: chosen.map((thread) => thread.id) }),
    };
    const action = actions[event.key];
    if (!action || event.defaultPrevented || (event.key === "a" && !event.ctrlKey && !event.metaKey)) return;
    if ((event.key === "Delete" || event.key === "Escape") && chosen.length === 0) return;
    event.preventDefault();
    action();
  };
  const step = (event: KeyboardEvent, by: 1 | -1) => {
    const next = focusNext(event.currentTarget as HTMLElement, by);
    if (event.shiftKey && next) setSelection((old) => pick(old, order, next, old.anchor !== null));
  };
  return (
    <main className="main" id="main">
      <title>{`${t`All chats`} · Freehold`}</title>
      <Header>
        <h1 className="playground-title search-title">
          <Trans>All chats</Trans>
        </h1>
      </Header>
      <div className="thread scroll chats-scroll">
        <div className="column chats">
          <div className="chats-filters">
            <Tabs<State>
              label={t`Which chats`}
              value={state}
              onChange={setState}
              tabs={[
                { value: "active", label: <Trans>Chats</Trans> },
                { value: "archived", label: <Trans>Archive</Trans> },
              ]}
            />
            {projects.length > 0 ? (
              <Select
                label={t`Project`}
                value={project}
                onChange={setProject}
                options={[
                  { value: "", label: t`All projects` },
                  ...projects.map(({ id, name }) => ({ value: id, label: name })),
                ]}
                className="chats-project"
              />
            ) : null}
          </div>
          {query.isPending ? (
            <Bones className="py-6" widths={[72, 54, 64, 48, 70]} />
          ) : !query.data ? (
            <div className="py-8">
              <LoadFailed query={query} />
            </div>
          ) : threads.length === 0 ? (
            <p className="quiet py-8">
              {state === "archived" ? <Trans>Nothing is archived.</Trans> : <Trans>No chats yet.</Trans>}
            </p>
          ) : (
            // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the boxes inside
            <div onKeyDown={onKeyDown}>
              <SelectionBar
                threads={chosen}
                loaded={threads.length}
                archived={state === "archived"}
                onAll={() => setSelection((old) => pickAll(old, order))}
                onNone={() => setSelection(NOTHING)}
              />
              <ChatRows
                threads={threads}
                projects={projects}
                chosen={selection.chosen}
                onPick={(id, range) => setSelection((old) => pick(old, order, id, range))}
              />
            </div>
          )}
          {query.hasNextPage ? (
            <div className="section-foot">
              <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                <Trans>Show more</Trans>
              </Button>
            </div>
          ) : null}
        </div>
      </div>
    </main>
  );
}

/** Takes the focus one box on; the id of its chat. */
function focusNext(list: HTMLElement, by: 1 | -1): string | null {
  const boxes = [...list.querySelectorAll<HTMLInputElement>("[data-chat]")];
  const at = boxes.indexOf(document.activeElement as HTMLInputElement);
  const next = boxes[at < 0 ? (by > 0 ? 0 : boxes.length - 1) : at + by];
  next?.focus();
  return next?.dataset.chat ?? null;
}
