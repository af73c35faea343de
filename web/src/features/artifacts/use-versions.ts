/** The artifact that is open and its versions: blocks of the same kind and title in the branch that is shown. */
import { useEffect, useMemo, useRef } from "react";
import { useThread } from "@/api/threads";
import type { Message } from "@/api/types";
import { useRun } from "../chat/stream/runs";
import { pathTo } from "../chat/tree";
import { type Block, collect } from "./collect";
import { closeArtifact, keyOf, type Opened, showArtifact, useArtifacts } from "./state";

export interface Version extends Block {
  opened: Opened;
  /** As the model wrote it. */
  original: string;
  /** Still being written. */
  live: boolean;
}

/** A message that is complete is read once. */
const known = new WeakMap<Message["parts"], Block[]>();

function blocksIn(parts: Message["parts"]): Block[] {
  const before = known.get(parts);
  if (before) return before;
  const found = parts.flatMap((part) => (part.type === "text" ? collect(part.text) : []));
  known.set(parts, found);
  return found;
}

const same = (one: Opened, other: Opened) => keyOf(one) === keyOf(other) && one.own === other.own;

/** All versions of what is open, and the place of the shown one among them; none when it is not in this branch. */
export function useVersions(opened: Opened): { versions: Version[]; at: number } {
  const { threadId } = opened;
  const { data } = useThread(threadId);
  const own = useArtifacts((state) => state.own);
  const path = useMemo(
    () => (data ? pathTo(data.messages, data.thread.leaf_id, data.thread.choices) : []),
    [data],
  );
  const latest = path.find((message) => message.status === "streaming") ?? path.at(-1);
  const run = useRun({ id: latest?.id ?? "", thread_id: threadId });
  const all = path.flatMap((message): Version[] => {
    if (message.role !== "assistant") return [];
    const writing = run?.tail.messageId === message.id;
    const blocks = blocksIn(writing ? run.parts : message.parts);
    return blocks.flatMap((block, at) => {
      const place = { threadId, messageId: message.id, at, own: false };
      const live = block.open && writing && run.tail.final === null;
      const version = { ...block, opened: place, original: block.code, live };
      const mine = own[keyOf(place)];
      if (mine === undefined) return [version];
      return [version, { ...version, opened: { ...place, own: true }, code: mine }];
    });
  });
  const exact = all.find((version) => same(version.opened, opened));
  const group = useRef<Pick<Block, "kind" | "title">>(null);
  if (exact) group.current = exact;
  const versions = all.filter(
    ({ kind, title }) => kind === group.current?.kind && title === group.current.title,
  );
  const found = versions.findIndex((version) => same(version.opened, opened));
  // another branch is shown, which may have a version of its own
  const at = found < 0 ? versions.length - 1 : found;
  useNewest(versions, at, `${group.current?.kind} ${group.current?.title}`);
  const gone = data !== undefined && at < 0;
  useEffect(() => {
    if (gone) closeArtifact();
  }, [gone]);
  return { versions, at };
}

/** Whoever looks at the newest version is shown the one that comes after it. */
function useNewest(versions: Version[], at: number, group: string): void {
  const before = useRef({ group, at, count: versions.length });
  useEffect(() => {
    const was = before.current;
    before.current = { group, at, count: versions.length };
    const last = versions.at(-1);
    if (last && was.group === group && versions.length > was.count && at === was.at && at === was.count - 1)
      showArtifact(last.opened);
  });
}
