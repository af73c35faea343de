import "@/styles/usage.css";
import "@/styles/evals.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Ellipsis, Play, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { removeSet, useEvalSets } from "@/api/evals";
import type { EvalSetInfo, EvalSetList } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";
import { ago } from "@/lib/ago";
import { Loaded, Page } from "../page";
import { NewSet } from "./new-set";
import { ReportPage } from "./report-page";
import { RunForm } from "./run-form";
import { TryCard } from "./try-card";
import { useRunWords } from "./words";

/** Questions that several models answer: one's own of last week at once, or sets that were written. */
export function TestsPage() {
  const { run } = useSearch({ strict: false });
  return run ? <ReportPage key={run} id={run} /> : <Sets />;
}

function Sets() {
  const query = useEvalSets();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const [asking, setAsking] = useState<{ id: string; name: string } | null>(null);
  const open = (run: string) => void navigate({ to: ".", search: { run } });
  return (
    <Page
      title={<Trans>Test sets</Trans>}
      lead={
        <Trans>
          Several models answer the same questions. See what passes, what it costs and how long it takes
          before you change anything.
        </Trans>
      }
      aside={
        <Button onClick={() => setAdding(true)}>
          <Plus />
          <Trans>New test set</Trans>
        </Button>
      }
    >
      <Loaded query={query} bones={[90, 60, 56]}>
        {(list) => (
          <>
            <TryCard judge={list.judge} onStarted={open} />
            <section aria-labelledby="test-sets">
              <div className="section-head">
                <h2 id="test-sets" className="big">
                  <Trans>Your sets</Trans>
                </h2>
              </div>
              <Rows list={list} onRun={setAsking} />
            </section>
            {asking ? (
              <RunForm set={asking} judge={list.judge} onClose={() => setAsking(null)} onStarted={open} />
            ) : null}
          </>
        )}
      </Loaded>
      {adding ? <NewSet onClose={() => setAdding(false)} onMade={setAsking} /> : null}
    </Page>
  );
}

function Rows({ list, onRun }: { list: EvalSetList; onRun: (set: EvalSetInfo) => void }) {
  return list.items.length ? (
    <ul className="card rows">
      {list.items.map((set) => (
        <Row key={set.id} set={set} onRun={() => onRun(set)} />
      ))}
    </ul>
  ) : (
    <p className="card pad quiet">
      <Trans>There is none yet. Try a model on your own questions, or paste some.</Trans>
    </p>
  );
}

function Row({ set, onRun }: { set: EvalSetInfo; onRun: () => void }) {
  const { t, i18n } = useLingui();
  const report = useReport();
  const words = useRunWords();
  const [removing, setRemoving] = useState(false);
  const { id, name, cases, last_run: last } = set;
  return (
    <li>
      <span className="grow">
        {last ? (
          <Link to="." search={{ run: last.id }} className="link break-words">
            <b>{name}</b>
          </Link>
        ) : (
          <b className="break-words">{name}</b>
        )}
        <span className="hint sm">
          <Plural value={cases} one="# question" other="# questions" />
          {last ? ` · ${words(last)} · ${ago(last.created_at, i18n.locale)}` : null}
        </span>
      </span>
      <Menu
        trigger={
          <IconButton label={t`Actions for: ${name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<Play />} onSelect={onRun}>
          <Trans>Ask models</Trans>
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger onSelect={() => setRemoving(true)}>
          <Trans>Remove</Trans>
        </MenuItem>
      </Menu>
      {removing ? (
        <Confirm
          open
          onOpenChange={() => setRemoving(false)}
          title={<Trans>Remove this set?</Trans>}
          action={<Trans>Remove</Trans>}
          onConfirm={() => void removeSet(id).catch(report)}
        >
          <Trans>Its runs and their answers go with it.</Trans>
        </Confirm>
      ) : null}
    </li>
  );
}
