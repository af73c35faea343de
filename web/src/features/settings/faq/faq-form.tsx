import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";
import { addFaq, changeFaq } from "@/api/faq";
import { useGroups } from "@/api/people";
import type { FaqInfo } from "@/api/types";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { TextField } from "@/components/ui/text-field";
import { FormDialog } from "../form-dialog";

interface FaqFormProps {
  entry?: FaqInfo;
  /** What a new answer is to. */
  question?: string;
  onClose: () => void;
}

const EVERYBODY = "everybody";

/** Write or change a curated answer. */
export function FaqForm({ entry, question: asked = "", onClose }: FaqFormProps) {
  const { t } = useLingui();
  const { data: groups } = useGroups();
  const [question, setQuestion] = useState(entry?.question ?? asked);
  const [phrasings, setPhrasings] = useState(entry?.phrasings.join("\n") ?? "");
  const [answer, setAnswer] = useState(entry?.answer ?? "");
  const [audience, setAudience] = useState(entry?.group_id ?? EVERYBODY);
  const [approved, setApproved] = useState(entry?.approved ?? false);
  const [tried, setTried] = useState(false);
  const submit = async () => {
    setTried(true);
    if (question.trim().length < 2 || !answer.trim()) return false;
    const wish = {
      question: question.trim(),
      phrasings: lines(phrasings),
      answer: answer.trim(),
      group_id: audience === EVERYBODY ? null : audience,
      approved,
    };
    await (entry ? changeFaq(entry.id, wish) : addFaq(wish));
    return true;
  };
  const audiences = [
    { value: EVERYBODY, label: t`Everybody` },
    ...(groups ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <FormDialog
      title={entry ? <Trans>Change the answer</Trans> : <Trans>New answer</Trans>}
      action={<Trans>Save</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t`Question`}
        className="wide"
        autoFocus={!question}
        autoComplete="off"
        maxLength={500}
        value={question}
        error={tried && question.trim().length < 2 ? t`Write the question.` : undefined}
        onChange={(event) => setQuestion(event.target.value)}
      />
      <Area
        label={t`Other ways of asking it`}
        hint={t`One on each line. Case and punctuation make no difference.`}
        rows={3}
        value={phrasings}
        onChange={setPhrasings}
      />
      <Area
        label={t`Answer`}
        hint={t`In Markdown.`}
        rows={6}
        value={answer}
        error={tried && !answer.trim() ? t`Write the answer.` : undefined}
        onChange={setAnswer}
      />
      <div>
        <span className="label" aria-hidden="true">
          <Trans>Who gets it</Trans>
        </span>
        <Select label={t`Who gets it`} value={audience} options={audiences} onChange={setAudience} />
      </div>
      <div>
        <span className="label" aria-hidden="true">
          <Trans>Approved</Trans>
        </span>
        <div className="field-like">
          <Switch label={t`Approved`} checked={approved} onChange={setApproved} />
          <span className="hint sm">
            &nbsp;
            {approved ? <Trans>It is given.</Trans> : <Trans>A draft is given to nobody.</Trans>}
          </span>
        </div>
      </div>
    </FormDialog>
  );
}

interface AreaProps {
  label: string;
  hint: string;
  rows: number;
  value: string;
  error?: string;
  onChange: (value: string) => void;
}

function Area({ label, hint, rows, value, error, onChange }: AreaProps) {
  const id = useId();
  return (
    <div className="wide">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        className="area"
        rows={rows}
        maxLength={50_000}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-note`} className={error ? "field-error sm" : "hint sm"}>
        {error ?? hint}
      </p>
    </div>
  );
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length > 1);
}
