import { Trans, useLingui } from "@lingui/react/macro";
import { BookCheck, ChevronDown, Cloud, History, House } from "lucide-react";
import { useModelName, useModels } from "@/api/models";
import type { Run } from "@/api/types";
import { Popover } from "@/components/ui/popover";
import { count, dollars, seconds } from "@/lib/format";
import { Facts } from "./details";
import { isReady } from "./ready-note";

/** Where it was written, how fast and for how much; a click opens all figures. */
export function AnswerLine({ run, edited }: { run: Run; edited: boolean }) {
  const { t } = useLingui();
  const name = useModelName(run);
  return (
    <Popover
      label={t`Details`}
      className="facts-pop"
      trigger={
        <button type="button" className="answer-line">
          {isReady(run) ? (
            <Origin run={run} name={name} />
          ) : (
            <>
              <span className={run.self_hosted ? "in" : "out"}>
                {run.self_hosted ? <House /> : <Cloud />}
              </span>
              <span className="model" title={run.model_id}>
                {name}
              </span>
              <span className={`where ${run.self_hosted ? "in" : "out"}`}>
                {run.self_hosted ? t`in-house` : run.provider_name}
              </span>
            </>
          )}
          <Figures run={run} />
          {edited ? <Figure>{t`edited`}</Figure> : null}
          <ChevronDown className="i-14" />
        </button>
      }
    >
      <Facts run={run} />
    </Popover>
  );
}

/** Where an answer comes from that no model wrote now. */
function Origin({ run, name }: { run: Run; name: string | undefined }) {
  const curated = run.cached?.kind === "faq";
  return (
    <>
      <span className="in">{curated ? <BookCheck /> : <History />}</span>
      <span className="model">{curated ? <Trans>from the FAQ</Trans> : name}</span>
      {curated ? null : (
        <span className="where in">
          <Trans>from the cache</Trans>
        </span>
      )}
    </>
  );
}

interface FigureProps {
  children: React.ReactNode;
  title?: string;
  /** Left out on a phone, where the model's name needs the room. */
  wide?: boolean;
}

function Figure({ children, title, wide }: FigureProps) {
  return (
    <>
      <span className={`sep ${wide ? "only-wide" : ""}`}>·</span>
      <span title={title} className={wide ? "only-wide" : undefined}>
        {children}
      </span>
    </>
  );
}

function Figures({ run }: { run: Run }) {
  const { t, i18n } = useLingui();
  const { data: models } = useModels();
  const drawn = models?.items.some(({ ref, drawing }) => ref === run.model && drawing);
  if (drawn && run.duration_ms != null) {
    const took = seconds(i18n, run.duration_ms / 1000);
    return (
      <>
        <Figure>
          <Trans>drawn in {took} s</Trans>
        </Figure>
        <Cost run={run} />
      </>
    );
  }
  const speed = run.tokens_per_second == null ? null : count(i18n, run.tokens_per_second);
  const wait = run.first_token_ms == null ? null : seconds(i18n, run.first_token_ms / 1000);
  return (
    <>
      {speed ? (
        <Figure wide>
          <Trans>{speed} tok/s</Trans>
        </Figure>
      ) : null}
      {wait ? (
        <Figure title={t`Time to first word`}>
          <Trans>first word {wait} s</Trans>
        </Figure>
      ) : null}
      <Cost run={run} />
    </>
  );
}

function Cost({ run }: { run: Run }) {
  const { t } = useLingui();
  if (run.cost_usd == null) return null;
  return <Figure>{run.cost_usd === 0 ? t`free` : dollars(run.cost_usd)}</Figure>;
}
