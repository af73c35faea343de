import { Trans, useLingui } from "@lingui/react/macro";
import type { Cascade, PassedOver, Route, Run } from "@/api/types";
import { dollars } from "@/lib/format";
import { Passed } from "./passed";
import {
  useAttemptWords,
  useCheckWords,
  useChoiceWords,
  usePassedOverWords,
  useReasonWords,
} from "./route-words";

/** One try, as src/freehold/gateway/meter.py writes it down; `reason` begins with its kind. */
interface Attempt {
  model: string;
  reason: string;
  error: string | null;
}

/** Why this model answered: what was asked for, what was tried before it, and what was passed over. */
export function Why({ run }: { run: Run }) {
  const { t } = useLingui();
  const ends = useAttemptWords();
  const choiceWords = useChoiceWords();
  const checkWords = useCheckWords();
  const { alias, route, skipped = [] } = run;
  const attempts = (run.attempts ?? []) as unknown as Attempt[];
  const kind = attempts.at(-1)?.reason.split(":")[0] ?? "chosen";
  const kinds: Record<string, string> = {
    chosen: alias ? t`The first behind ${alias} that could be asked.` : t`It was the one asked for.`,
    fallback: t`It was asked because another had failed.`,
    retry: t`It was asked once more after a failure.`,
    "next key": t`It was asked once more with another key.`,
    hedge: t`It was asked beside another that was silent, and was faster.`,
    escalation: t`It was asked because the in-house answer was not good enough.`,
  };
  const cascade = route?.cascade;
  const check = cascade ? checkWords(cascade) : null;
  const chosen = route && (kind === "chosen" || kind === "second") ? choiceWords(route) : kinds[kind];
  return (
    <section className="mt-3" aria-label={t`Why this model`}>
      <p className="sm font-medium" aria-hidden="true">
        <Trans>Why this model</Trans>
      </p>
      <p className="sm quiet">{chosen ?? kind}</p>
      {route ? <Chosen route={route} /> : null}
      {check ? <p className="sm quiet">{check}</p> : null}
      {cascade && !check ? <Judged cascade={cascade} /> : null}
      <Passed run={run} />
      {attempts.length > 1 ? (
        <ol className="facts mt-1" aria-label={t`Attempts`}>
          {attempts.map(({ model, error }, index) => (
            <li key={`${index} ${model}`}>
              <span className="mono">{model}</span>
              <span>{ends(error, model)}</span>
            </li>
          ))}
        </ol>
      ) : null}
      {skipped.length ? <PassedOverList skipped={skipped} /> : null}
    </section>
  );
}

/** How it was found that an answer of the house is good enough. */
function Judged({ cascade: { outcome, second, more } }: { cascade: Cascade }) {
  if (!second && outcome !== "kept") return null;
  return (
    <p className="sm quiet">
      {!second ? (
        <Trans>The in-house answer was checked and found good enough.</Trans>
      ) : outcome === "majority" ? (
        <Trans>Two other in-house models came to this result, the one asked first to another.</Trans>
      ) : more?.length ? (
        <Trans>Another in-house model came to the same result.</Trans>
      ) : (
        <Trans>A second in-house model came to the same result.</Trans>
      )}
    </p>
  );
}

/** The models that were passed over, each with the reason. */
export function PassedOverList({ skipped }: { skipped: PassedOver[] }) {
  const { t } = useLingui();
  const words = usePassedOverWords();
  return (
    <ul className="facts mt-1" aria-label={t`Passed over`}>
      {skipped.map((one) => (
        <li key={`${one.ref} ${one.why}`}>
          <span className="mono">{one.ref}</span>
          <span>{words(one)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What the choice came of: how likely the house is up to it, and what each candidate would cost. */
export function Chosen({ route }: { route: Route }) {
  const { t, i18n } = useLingui();
  const { need, trial, candidates = [] } = route;
  const reasons = useReasonWords();
  const percent = (share: number) => i18n.number(share, { style: "percent", maximumFractionDigits: 0 });
  const cost = (usd: number | null) =>
    usd === null ? t`price unknown` : usd === 0 ? t`free` : t`about ${dollars(usd)}`;
  return (
    <>
      {need ? (
        <p className="sm quiet">
          {need.learned ? (
            <Trans>
              In the house it is answered well with {percent(need.p)} ({percent(need.low)} to{" "}
              {percent(need.high)}), as learned here; {percent(need.floor)} are asked for.
            </Trans>
          ) : (
            <Trans>
              In the house it is answered well with about {percent(need.p)} ({percent(need.low)} to{" "}
              {percent(need.high)}), a guess by length and form; {percent(need.floor)} are asked for.
            </Trans>
          )}
        </p>
      ) : null}
      {need?.because?.length ? <p className="sm quiet">{reasons(need.because)}</p> : null}
      {trial ? (
        <p className="sm quiet">
          {trial.arm === "trial" ? (
            <Trans>Auto decided in the way that the trial {trial.id} tries.</Trans>
          ) : (
            <Trans>Auto decided as usual, to be compared with the trial {trial.id}.</Trans>
          )}
        </p>
      ) : null}
      {candidates.length > 1 ? (
        <ol className="facts mt-1" aria-label={t`In this order`}>
          {candidates.map((one) => (
            <li key={one.name}>
              <span className="mono">{one.name}</span>
              <span>{cost(one.cost_usd)}</span>
            </li>
          ))}
        </ol>
      ) : null}
    </>
  );
}
