import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";
import { useGroups } from "@/api/people";
import { changePrompt, makePrompt } from "@/api/prompts";
import type { Prompt } from "@/api/types";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { FormDialog } from "@/features/settings/form-dialog";
import { variablesOf } from "./variables";

interface PromptFormProps {
  prompt?: Prompt;
  /** What is saved is a new prompt. */
  copy?: boolean;
  /** Administrators share. */
  admin: boolean;
  onClose: () => void;
}

const LONGEST = 20_000;
const [plain, filled, choice] = ["{{name}}", "{{language=English}}", "{{tone:kind|formal}}"];

const tagsIn = (typed: string) =>
  typed
    .split(/[,，、;；]/)
    .map((tag) => tag.trim())
    .filter(Boolean);

/** Writes a prompt, or changes one. */
export function PromptForm({ prompt, copy, admin, onClose }: PromptFormProps) {
  const { t } = useLingui();
  const id = useId();
  const [title, setTitle] = useState(prompt && copy ? t`${prompt.title} (copy)` : (prompt?.title ?? ""));
  const [text, setText] = useState(prompt?.text ?? "");
  const [tags, setTags] = useState(prompt?.tags.join(", ") ?? "");
  const [audience, setAudience] = useState(copy || !prompt ? "nobody" : audienceOf(prompt));
  const [tried, setTried] = useState(false);
  const changing = prompt !== undefined && !copy;
  const missing = (value: string) => tried && !value.trim();
  const submit = async () => {
    setTried(true);
    if (!title.trim() || !text.trim() || text.length > LONGEST) return false;
    const group = audience.startsWith("group:") ? audience.slice(6) : null;
    const wish = {
      title: title.trim().slice(0, 200),
      text,
      tags: tagsIn(tags),
      audience: group ? ("group" as const) : audience === "all" ? ("all" as const) : ("nobody" as const),
      group_id: group,
      seen: changing ? prompt.version : null,
    };
    await (changing ? changePrompt(prompt.id, wish) : makePrompt(wish));
    return true;
  };
  const found = variablesOf(text);
  const names = found.map(({ name }) => name).join(", ");
  const problem =
    text.length > LONGEST
      ? t`This is longer than 20,000 characters.`
      : missing(text)
        ? t`Write the text.`
        : undefined;
  return (
    <FormDialog
      title={changing ? <Trans>Change {prompt.title}</Trans> : <Trans>New prompt</Trans>}
      action={changing ? <Trans>Save</Trans> : <Trans>Keep</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t`Title`}
        className="wide"
        autoFocus
        autoComplete="off"
        maxLength={200}
        value={title}
        error={missing(title) ? t`Give a title.` : undefined}
        onChange={(event) => setTitle(event.target.value)}
      />
      <div className="wide">
        <label className="label" htmlFor={id}>
          <Trans>Text</Trans>
        </label>
        <textarea
          id={id}
          className="area prompt-text"
          dir="auto"
          rows={8}
          value={text}
          aria-invalid={problem ? true : undefined}
          aria-describedby={`${id}-note`}
          onChange={(event) => setText(event.target.value)}
        />
        <div id={`${id}-note`}>
          {problem ? (
            <p className="field-error" role="alert">
              {problem}
            </p>
          ) : null}
          <p className="field-hint">
            {found.length ? (
              <Trans>Asked for each time: {names}</Trans>
            ) : (
              <Trans>
                What changes each time: <code>{plain}</code>, with a default <code>{filled}</code>, or to
                choose from <code>{choice}</code>
              </Trans>
            )}
          </p>
        </div>
      </div>
      <TextField
        label={t`Tags`}
        className={admin ? "" : "wide"}
        autoComplete="off"
        hint={t`Separated by commas`}
        value={tags}
        onChange={(event) => setTags(event.target.value)}
      />
      {admin ? <Audience value={audience} onChange={setAudience} /> : null}
    </FormDialog>
  );
}

function audienceOf({ audience, group_id: group }: Prompt): string {
  return audience === "group" ? (group ? `group:${group}` : "nobody") : audience;
}

function Audience({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useLingui();
  const { data: groups = [] } = useGroups();
  const options = [
    { value: "nobody", label: t`Only me` },
    { value: "all", label: t`Everybody here` },
    ...groups.map(({ id, name }) => ({ value: `group:${id}`, label: t`The group ${name}` })),
  ];
  return (
    <div>
      <span className="label" aria-hidden="true">
        <Trans>Who has it</Trans>
      </span>
      <Select label={t`Who has it`} value={value} onChange={onChange} options={options} />
    </div>
  );
}
