import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, House, TriangleAlert } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { ArenaRevealed, ArenaRoundInfo, ArenaVote } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/features/errors/error-text";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { seconds } from "@/lib/format";
import { useIsPhone } from "@/lib/media";
import { useRefName } from "../tests/words";
import { money } from "../usage/words";
import type { Round, SideName } from "./use-round";

interface RoundViewProps {
  /** What stands in the field of the prompt. */
  asked: string;
  round: Round;
  busy: boolean;
  onVote: (id: string, vote: ArenaVote) => Promise<void>;
  onNext: () => void;
  onAgain: () => void;
}

/** Both answers, and what is to be done with them now. */
export function RoundView({ asked, round, busy, onVote, onNext, onAgain }: RoundViewProps) {
  const { t } = useLingui();
  const phone = useIsPhone();
  const box = useRef<HTMLElement>(null);
  const { info } = round;
  useEffect(() => {
    // below the form of a phone nobody would see them begin
    if (busy && phone) box.current?.scrollIntoView({ block: "start" });
  }, [busy, phone]);
  return (
    <section ref={box} className="arena-round" aria-label={t`This round`}>
      {round.prompt === asked ? null : <p className="arena-prompt quiet">{round.prompt}</p>}
      <div className="arena-sides">
        <SideCard name="a" round={round} />
        <SideCard name="b" round={round} />
      </div>
      {info?.state === "ready" ? (
        <VoteBar key={info.id} onVote={(given) => onVote(info.id, given)} />
      ) : busy ? (
        <p className="hint sm" role="status">
          <Trans>You can vote when both have answered.</Trans>
        </p>
      ) : (
        <Over key={info?.id} info={info} onNext={onNext} onAgain={onAgain} />
      )}
    </section>
  );
}

function SideCard({ name, round }: { name: SideName; round: Round }) {
  const { t } = useLingui();
  const { info, done, texts, broken } = round;
  const letter = name.toUpperCase();
  const revealed = info?.names?.[name];
  const error = info?.[name].error;
  const writing = !done[name] && !broken;
  const won = info?.vote === name;
  return (
    <article
      className={`card arena-side ${won ? "is-won" : ""}`}
      aria-label={t`Answer ${letter}`}
      aria-busy={writing}
    >
      <header className="arena-side-head">
        <span className="arena-letter" aria-hidden="true">
          {letter}
        </span>
        {revealed ? <Revealed told={revealed} /> : null}
      </header>
      {texts[name] ? <LazyMarkdown text={texts[name]} live={writing} /> : null}
      {writing ? (
        <p className="quiet sm arena-writing">
          <span className="pulse" /> {texts[name] ? <Trans>writes</Trans> : <Trans>is asked</Trans>}
        </p>
      ) : null}
      {error ? <Failed code={error} /> : null}
    </article>
  );
}

/** Who it was, where it ran, what it cost and how long it took. */
function Revealed({ told }: { told: ArenaRevealed }) {
  const { t, i18n } = useLingui();
  const refName = useRefName();
  const name = refName(told.model);
  const time = told.duration_ms === null ? null : seconds(i18n, told.duration_ms / 1000);
  const facts = [
    told.cost_usd === null ? null : money(i18n, told.cost_usd),
    time === null ? null : t`${time} s`,
  ].filter(Boolean);
  return (
    <div className="grow arena-name">
      <b className="break-words">{name}</b>
      <span className={`sm arena-where ${told.self_hosted ? "in" : "out"}`}>
        {told.answered_by === null ? null : told.self_hosted ? (
          <>
            <House className="i-14" />
            <Trans>in the house</Trans>
          </>
        ) : (
          <>
            <Cloud className="i-14" />
            <Trans>outside</Trans>
          </>
        )}
        {facts.map((fact) => (
          <span key={fact} className="quiet">
            · {fact}
          </span>
        ))}
      </span>
    </div>
  );
}

function Failed({ code }: { code: string }) {
  const errorText = useErrorText();
  return (
    <div className="note" role="alert">
      <TriangleAlert />
      <span>
        {code === "empty_answer" ? (
          <Trans>The answer was empty.</Trans>
        ) : (
          errorText({ code, message: code, params: {} }).title
        )}
      </span>
    </div>
  );
}

/** Four buttons; while one of them has the focus, 1 to 4 press them, too. */
function VoteBar({ onVote }: { onVote: (vote: ArenaVote) => Promise<void> }) {
  const { t } = useLingui();
  const bar = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    // where the button was that asked; whoever types meanwhile is left alone
    const active = document.activeElement;
    if (active === document.body || active?.closest(".arena-round"))
      bar.current?.querySelector("button")?.focus({ preventScroll: true });
  }, []);
  const votes: [ArenaVote, string][] = [
    ["a", t`A is better`],
    ["b", t`B is better`],
    ["both_good", t`Both are good`],
    ["both_bad", t`Both are bad`],
  ];
  const [voting, setVoting] = useState(false);
  const give = (vote: ArenaVote) => {
    if (voting) return;
    setVoting(true);
    void onVote(vote).finally(() => setVoting(false));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const picked = votes[Number(event.key) - 1];
    if (!picked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    give(picked[0]);
  };
  return (
    <fieldset ref={bar} className="arena-votes" onKeyDown={onKeyDown}>
      <legend className="visually-hidden">
        <Trans>Your vote</Trans>
      </legend>
      {votes.map(([value, label], place) => (
        <Button
          key={value}
          onClick={() => give(value)}
          aria-disabled={voting}
          aria-keyshortcuts={String(place + 1)}
        >
          {label}
          <span className="kbd only-wide" aria-hidden="true">
            {place + 1}
          </span>
        </Button>
      ))}
      <p className="visually-hidden" role="status">
        <Trans>Both have answered. You can vote.</Trans>
      </p>
    </fieldset>
  );
}

interface OverProps {
  info: ArenaRoundInfo | null;
  onNext: () => void;
  onAgain: () => void;
}

function Over({ info, onNext, onAgain }: OverProps) {
  const { t } = useLingui();
  const refName = useRefName();
  const next = useRef<HTMLButtonElement>(null);
  const voted = info?.state === "voted";
  useEffect(() => {
    if (document.activeElement === document.body) next.current?.focus({ preventScroll: true });
  }, []);
  const a = refName(info?.names?.a.model ?? "");
  const b = refName(info?.names?.b.model ?? "");
  const said: Record<ArenaVote, string> = {
    a: t`You found A better: ${a}.`,
    b: t`You found B better: ${b}.`,
    both_good: t`You found both good: A was ${a}, B was ${b}.`,
    both_bad: t`You found both bad: A was ${a}, B was ${b}.`,
  };
  return (
    <div className="arena-over">
      <p role="status">
        {voted && info.vote ? (
          said[info.vote]
        ) : (
          <Trans>This round does not count: it has no two answers.</Trans>
        )}
      </p>
      <span className="grow" />
      <Button onClick={onAgain}>
        <Trans>Same prompt again</Trans>
      </Button>
      <Button ref={next} variant="primary" onClick={onNext}>
        <Trans>Next round</Trans>
      </Button>
    </div>
  );
}
