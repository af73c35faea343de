import "@/styles/usage.css";
import "@/styles/evals.css";
import "@/styles/arena.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Plus, Square, Swords, X } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { useModels } from "@/api/models";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Switch } from "@/components/ui/switch";
import { useReport } from "@/features/errors/report";
import { PickerPopover } from "@/features/picker/picker-popover";
import { Page } from "../page";
import { useRefName } from "../tests/words";
import { Ranking } from "./ranking";
import { RoundView } from "./round-view";
import { useRound } from "./use-round";

const MOST = 20;

/** Two models answer one prompt as A and B; a vote tells who they are, and all votes rank the models. */
export function ArenaPage() {
  const report = useReport();
  const { round, busy, ask, stop, give, clear } = useRound(report);
  const [prompt, setPrompt] = useState("");
  const [pool, setPool] = useState<string[]>([]);
  const [inHouse, setInHouse] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const start = (text: string) => {
    field.current?.blur(); // the keys are for the vote now
    void ask({ prompt: text, models: pool.length ? pool : undefined, in_house: inHouse });
  };
  const next = () => {
    clear();
    setPrompt("");
    field.current?.focus();
  };
  return (
    <Page
      title={<Trans>Arena</Trans>}
      lead={
        <Trans>
          Two models answer the same prompt, and nobody says which is which. Vote, then see who they are.
        </Trans>
      }
    >
      <AskForm
        field={field}
        prompt={prompt}
        setPrompt={setPrompt}
        pool={pool}
        setPool={setPool}
        inHouse={inHouse}
        setInHouse={setInHouse}
        busy={busy}
        onAsk={() => start(prompt.trim())}
        onStop={stop}
      />
      {round ? (
        <RoundView
          asked={prompt.trim()}
          round={round}
          busy={busy}
          onVote={give}
          onNext={next}
          onAgain={() => start(round.prompt)}
        />
      ) : null}
      <Ranking />
    </Page>
  );
}

interface AskFormProps {
  field: React.RefObject<HTMLTextAreaElement | null>;
  prompt: string;
  setPrompt: (prompt: string) => void;
  pool: string[];
  setPool: (pool: string[]) => void;
  inHouse: boolean;
  setInHouse: (inHouse: boolean) => void;
  busy: boolean;
  onAsk: () => void;
  onStop: () => void;
}

function AskForm({
  field,
  prompt,
  setPrompt,
  pool,
  setPool,
  inHouse,
  setInHouse,
  busy,
  onAsk,
  onStop,
}: AskFormProps) {
  const { t } = useLingui();
  const id = useId();
  const ready = prompt.trim() !== "" && pool.length !== 1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onAsk();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && !event.nativeEvent.isComposing)
      submit(event);
  };
  return (
    <form className="card pad arena-ask" onSubmit={submit} aria-label={t`Prompt for two models`}>
      <label className="label" htmlFor={id}>
        <Trans>Prompt</Trans>
      </label>
      <textarea
        ref={field}
        id={id}
        className="area"
        rows={3}
        maxLength={32_000}
        value={prompt}
        onChange={(event) => setPrompt(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <Pool pool={pool} setPool={setPool} inHouse={inHouse} />
      <div className="arena-line">
        <span className="row">
          <Switch label={t`Only models in the house`} checked={inHouse} onChange={setInHouse} />
          <span aria-hidden="true">
            <Trans>Only models in the house</Trans>
          </span>
        </span>
        <span className="grow" />
        {busy ? (
          // keys: as one element the click that stops would find a button that submits
          <Button key="stop" onClick={onStop}>
            <Square className="i-14" />
            <Trans>Stop</Trans>
          </Button>
        ) : (
          <Button key="ask" variant="primary" type="submit" disabled={!ready}>
            <Swords className="i-14" />
            <Trans>Ask two models</Trans>
          </Button>
        )}
      </div>
    </form>
  );
}

/** Of whom two are drawn: all, or those that are named. */
function Pool({ pool, setPool, inHouse }: Pick<AskFormProps, "pool" | "setPool" | "inHouse">) {
  const { t } = useLingui();
  const refName = useRefName();
  const { data } = useModels();
  return (
    <div className="arena-pool">
      {pool.length ? (
        <ul className="eval-models" aria-label={t`Models to draw from`}>
          {pool.map((ref) => {
            const name = refName(ref);
            return (
              <li key={ref} className="tag">
                <span className="break-words">{name}</span>
                <IconButton
                  label={t`Remove ${name}`}
                  onClick={() => setPool(pool.filter((one) => one !== ref))}
                >
                  <X className="i-14" />
                </IconButton>
              </li>
            );
          })}
        </ul>
      ) : (
        <span className="quiet">
          {data?.items.some(({ demonstration }) => demonstration) ? (
            <Trans>
              Two are drawn of all your models. Demonstration models take part only where you choose them.
            </Trans>
          ) : (
            <Trans>Two are drawn of all your models.</Trans>
          )}
        </span>
      )}
      <PickerPopover
        current={undefined}
        inHouse={inHouse}
        withoutAuto
        onPick={(ref) => setPool([...new Set([...pool, ref])].slice(0, MOST))}
        trigger={
          <Button small disabled={pool.length >= MOST}>
            <Plus />
            {pool.length ? <Trans>Add a model</Trans> : <Trans>Choose the models</Trans>}
          </Button>
        }
      />
      {pool.length === 1 ? (
        <p className="hint sm" role="status">
          <Trans>Add one more: two are drawn.</Trans>
        </p>
      ) : null}
    </div>
  );
}
