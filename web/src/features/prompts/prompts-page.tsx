import "@/styles/prompts.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Plus, Search } from "lucide-react";
import { useState } from "react";
import { useMe } from "@/api/bootstrap";
import { deletePrompt, usePrompts } from "@/api/prompts";
import type { Prompt } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { Loaded, Page } from "@/features/settings/page";
import { PromptForm } from "./prompt-form";
import { type PromptAction, PromptRow } from "./prompt-row";
import { VersionsDialog } from "./versions-dialog";

type Open = { kind: "new" } | { kind: PromptAction; prompt: Prompt } | null;

/** One's own prompts and those that are shared with one. */
export function PromptsPage() {
  const query = usePrompts();
  const [open, setOpen] = useState<Open>(null);
  return (
    <Page
      title={<Trans>Prompts</Trans>}
      lead={
        <Trans>
          Texts that you use again. Type <span className="kbd">/</span> in a message to choose one.
        </Trans>
      }
      aside={
        <Button variant="primary" onClick={() => setOpen({ kind: "new" })}>
          <Plus />
          <Trans>New prompt</Trans>
        </Button>
      }
    >
      <Loaded query={query} bones={[60, 44, 52]}>
        {(prompts) => <Library prompts={prompts} onAct={(kind, prompt) => setOpen({ kind, prompt })} />}
      </Loaded>
      <Dialogs open={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

/** Every word must be in the title, the text or a tag. */
function fits({ title, text, tags }: Prompt, asked: string): boolean {
  const all = `${title}\n${text}\n${tags.join("\n")}`.toLowerCase();
  return asked
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

interface LibraryProps {
  prompts: Prompt[];
  onAct: (kind: PromptAction, prompt: Prompt) => void;
}

function Library({ prompts, onAct }: LibraryProps) {
  const { t } = useLingui();
  const [asked, setAsked] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  if (prompts.length === 0)
    return (
      <p className="card pad quiet">
        <Trans>
          There is no prompt yet. Keep one that you write often; what changes in it each time becomes a
          variable.
        </Trans>
      </p>
    );
  const tags = [...new Set(prompts.flatMap((prompt) => prompt.tags))].sort((a, b) => a.localeCompare(b));
  const wanted = tag !== null && tags.includes(tag) ? tag : null;
  const shown = prompts.filter(
    (prompt) => fits(prompt, asked) && (wanted === null || prompt.tags.includes(wanted)),
  );
  return (
    <>
      <div className="prompt-filters">
        <TextField
          label={t`Search prompts`}
          hideLabel
          type="search"
          before={<Search className="i-14" />}
          placeholder={t`Search prompts`}
          value={asked}
          onChange={(event) => setAsked(event.target.value)}
        />
        {tags.length ? (
          <div className="prompt-tags" role="group" aria-label={t`Tags`}>
            {tags.map((name) => (
              <button
                key={name}
                type="button"
                className="toggle"
                aria-pressed={name === wanted}
                onClick={() => setTag(name === wanted ? null : name)}
              >
                {name}
              </button>
            ))}
          </div>
        ) : null}
      </div>
      {shown.length ? (
        <ul className="card rows prompt-rows">
          {shown.map((prompt) => (
            <PromptRow key={prompt.id} prompt={prompt} onAct={(kind) => onAct(kind, prompt)} />
          ))}
        </ul>
      ) : (
        <p className="card pad quiet" role="status">
          <Trans>Nothing fits.</Trans>
        </p>
      )}
    </>
  );
}

function Dialogs({ open, onClose }: { open: Open; onClose: () => void }) {
  const me = useMe();
  switch (open?.kind) {
    case "new":
      return <PromptForm admin={me.role === "admin"} onClose={onClose} />;
    case "change":
      return <PromptForm admin={me.role === "admin"} prompt={open.prompt} onClose={onClose} />;
    case "copy":
      return <PromptForm admin={me.role === "admin"} prompt={open.prompt} copy onClose={onClose} />;
    case "versions":
      return <VersionsDialog prompt={open.prompt} onClose={onClose} />;
    case "remove":
      return <Remove prompt={open.prompt} onClose={onClose} />;
    default:
      return null;
  }
}

function Remove({ prompt: { id, title, audience }, onClose }: { prompt: Prompt; onClose: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const remove = async () => {
    await deletePrompt(id);
    toast(t`The prompt ${title} is deleted.`);
  };
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={<Trans>Delete {title}?</Trans>}
      action={<Trans>Delete</Trans>}
      onConfirm={() => void remove().catch(report)}
    >
      {audience === "nobody" ? (
        <Trans>It goes with all its versions, and that is for good.</Trans>
      ) : (
        <Trans>It goes with all its versions, for everybody who uses it, and that is for good.</Trans>
      )}
    </Confirm>
  );
}
