import { Trans, useLingui } from "@lingui/react/macro";
import { FileUp } from "lucide-react";
import { useId, useRef, useState } from "react";
import { setFromHistory, useAskedThen, writeSet } from "@/api/evals";
import type { EvalRule } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { Choice } from "../choice";
import { FormDialog } from "../form-dialog";
import { useRuleWords } from "./words";

interface NewSetProps {
  onClose: () => void;
  onMade: (set: { id: string; name: string }) => void;
}

type From = "text" | "chats";
const DAYS = 30;

/** A set of pasted lines or CSV, or of questions that are picked from one's own chats. */
export function NewSet({ onClose, onMade }: NewSetProps) {
  const { t } = useLingui();
  const [from, setFrom] = useState<From>("text");
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [rule, setRule] = useState<EvalRule>("contains");
  const [picked, setPicked] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const lacks = from === "text" ? !text.trim() : picked.length === 0;
  const submit = async () => {
    setTried(true);
    if (!name.trim() || lacks) return false;
    onMade(
      from === "text"
        ? await writeSet(name.trim(), text, rule)
        : await setFromHistory(name.trim(), DAYS, picked),
    );
    return true;
  };
  return (
    <FormDialog
      title={<Trans>New test set</Trans>}
      action={<Trans>Save</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t`Name`}
        className="wide"
        autoFocus
        autoComplete="off"
        maxLength={200}
        value={name}
        error={tried && !name.trim() ? t`Give it a name.` : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="wide">
        <Choice
          label={t`Questions`}
          value={from}
          onChange={setFrom}
          options={[
            { value: "text", label: <Trans>Paste or CSV</Trans> },
            { value: "chats", label: <Trans>From my chats</Trans> },
          ]}
        />
      </div>
      {from === "text" ? (
        <Pasted text={text} onText={setText} rule={rule} onRule={setRule} lacks={tried && lacks} />
      ) : (
        <Picked picked={picked} onPicked={setPicked} lacks={tried && lacks} />
      )}
    </FormDialog>
  );
}

interface PastedProps {
  text: string;
  onText: (text: string) => void;
  rule: EvalRule;
  onRule: (rule: EvalRule) => void;
  lacks: boolean;
}

function Pasted({ text, onText, rule, onRule, lacks }: PastedProps) {
  const { t } = useLingui();
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const rules = useRuleWords();
  return (
    <>
      <div className="wide">
        <label className="label" htmlFor={id}>
          <Trans>Questions</Trans>
        </label>
        <textarea
          id={id}
          className="area"
          rows={8}
          value={text}
          aria-invalid={lacks ? true : undefined}
          aria-describedby={`${id}-note`}
          onChange={(event) => onText(event.target.value)}
        />
        <p id={`${id}-note`} className={lacks ? "field-error sm" : "hint sm"}>
          {lacks ? (
            <Trans>Write at least one question.</Trans>
          ) : (
            <Trans>
              One on each line; or CSV with the columns question, expected and rule. A rule is contains,
              equals, regex, judge or look, or has its name in the menu below.
            </Trans>
          )}
        </p>
        <input
          ref={file}
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          hidden
          onChange={async (event) => {
            const chosen = event.target.files?.[0];
            if (chosen) onText(await chosen.text());
            event.target.value = "";
          }}
        />
        <Button small onClick={() => file.current?.click()}>
          <FileUp />
          <Trans>Choose a file</Trans>
        </Button>
      </div>
      <div className="wide">
        <span className="label" aria-hidden="true">
          <Trans>An answer passes when</Trans>
        </span>
        <Select
          label={t`An answer passes when`}
          value={rule}
          options={(Object.keys(rules) as EvalRule[]).map((value) => ({ value, label: rules[value] }))}
          onChange={onRule}
        />
        <p className="hint sm">
          <Trans>For questions with something expected and no rule of their own.</Trans>
        </p>
      </div>
    </>
  );
}

interface PickedProps {
  picked: string[];
  onPicked: (ids: string[]) => void;
  lacks: boolean;
}

function Picked({ picked, onPicked, lacks }: PickedProps) {
  const asked = useAskedThen(DAYS);
  const items = asked.data?.items ?? [];
  return (
    <fieldset className="wide eval-pick">
      <legend className="label">
        <Trans>Questions of the last 30 days</Trans>
      </legend>
      {items.length ? (
        <ul className="scroll">
          {items.map((item) => (
            <li key={item.message_id}>
              <label>
                <input
                  type="checkbox"
                  checked={picked.includes(item.message_id)}
                  onChange={(event) =>
                    onPicked(
                      event.target.checked
                        ? [...picked, item.message_id]
                        : picked.filter((one) => one !== item.message_id),
                    )
                  }
                />
                <span className="clip">{item.text}</span>
              </label>
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">
          {asked.data ? (
            <Trans>In this time you asked nothing that can be asked again.</Trans>
          ) : (
            <Trans>Looking for your questions…</Trans>
          )}
        </p>
      )}
      <p className={lacks ? "field-error sm" : "hint sm"}>
        {lacks ? (
          <Trans>Pick at least one question.</Trans>
        ) : (
          <Trans>A judge compares each answer with the one you got then.</Trans>
        )}
      </p>
    </fieldset>
  );
}
