import { Trans, useLingui } from "@lingui/react/macro";
import type { Run } from "@/api/types";
import { useErrorText } from "@/features/errors/error-text";

/** One try, as src/freehold/gateway/meter.py writes it down; `reason` begins with its kind. */
interface Attempt {
  model: string;
  reason: string;
  error: string | null;
}

/** Why this model answered: what was asked for, what was tried before it, and what was passed over. */
export function Why({ run }: { run: Run }) {
  const { t } = useLingui();
  const errorText = useErrorText();
  const { alias, skipped = [] } = run;
  const attempts = (run.attempts ?? []) as unknown as Attempt[];
  const kind = attempts.at(-1)?.reason.split(":")[0] ?? "chosen";
  const kinds: Record<string, string> = {
    chosen: alias ? t`The first behind ${alias} that could be asked.` : t`It was the one asked for.`,
    fallback: t`It was asked because another had failed.`,
    retry: t`It was asked once more after a failure.`,
    "next key": t`It was asked once more with another key.`,
    hedge: t`It was asked beside another that was silent, and was faster.`,
  };
  const ends = (error: string | null, provider = "") => {
    if (!error) return t`answered`;
    if (error === "slower") return t`was slower`;
    return errorText({ code: error, message: error, params: { provider } }).title;
  };
  return (
    <section className="mt-3" aria-label={t`Why this model`}>
      <p className="sm font-medium" aria-hidden="true">
        <Trans>Why this model</Trans>
      </p>
      <p className="sm quiet">{kinds[kind] ?? kind}</p>
      {attempts.length > 1 ? (
        <ol className="facts mt-1" aria-label={t`Attempts`}>
          {attempts.map(({ model, error }, index) => (
            <li key={`${index} ${model}`}>
              <span className="mono clip">{model}</span>
              <span>{ends(error, model.split("/")[0])}</span>
            </li>
          ))}
        </ol>
      ) : null}
      {skipped.length ? (
        <ul className="facts mt-1" aria-label={t`Passed over`}>
          {skipped.map((line) => (
            <Skipped key={line} line={line} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

/** `ref: why`, in the words of src/freehold/gateway/routing/deployment.py; models have colons of their own, without a blank. */
function Skipped({ line }: { line: string }) {
  const { t } = useLingui();
  const cut = line.lastIndexOf(": ");
  const why = line.slice(cut + 2);
  const words: Record<string, string> = {
    "not allowed for this key": t`not allowed for this key`,
    "turned off, or not offered by its provider": t`turned off, or not offered`,
    "cannot see images": t`cannot see images`,
    "its context is too small": t`its context is too small`,
    "its limit or budget is used up": t`its limit or budget is used up`,
  };
  const said = why.startsWith("cooling down") ? t`resting after failures` : (words[why] ?? why);
  return (
    <li>
      <span className="mono clip">{line.slice(0, cut)}</span>
      <span>{said}</span>
    </li>
  );
}
