import "@/styles/savings.css";
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Rules } from "@/api/types";
import { percent } from "../savings/words";
import { useAutoWords } from "./auto-words";

type Shown = Rules["auto"];

/** What Auto chooses from and how, as freehold.yaml says; nothing where it is not offered. */
export function Auto({ auto }: { auto: Shown }) {
  const { objectives } = useAutoWords();
  if (!auto.offered) return null;
  const inside = auto.candidates.filter((one) => one.self_hosted).map(({ name }) => name);
  const outside = auto.candidates.filter((one) => !one.self_hosted).map(({ name }) => name);
  return (
    <section aria-labelledby="routing-auto">
      <div className="section-head">
        <div className="grow">
          <h2 id="routing-auto" className="big">
            <Trans>Auto</Trans>
          </h2>
          <p className="hint sm">
            <Trans>How it decides where no rule says otherwise. Changed in freehold.yaml.</Trans>
          </p>
        </div>
      </div>
      <dl className="card pad told">
        <Told name={<Trans>What counts</Trans>}>{objectives[auto.objective]}</Told>
        <Told name={<Trans>Quality floor</Trans>}>
          <Floor auto={auto} />
        </Told>
        <Told name={<Trans>In the house</Trans>}>{inside.length ? <Names names={inside} /> : <None />}</Told>
        <Told name={<Trans>Outside</Trans>}>{outside.length ? <Names names={outside} /> : <None />}</Told>
        <Told name={<Trans>Answers of the house</Trans>}>
          <Judged cascade={auto.cascade} />
        </Told>
      </dl>
    </section>
  );
}

function Told({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Names({ names }: { names: string[] }) {
  return <span className="mono break-words">{names.join(", ")}</span>;
}

function None() {
  return (
    <span className="quiet">
      <Trans>none</Trans>
    </span>
  );
}

function Floor({ auto }: { auto: Shown }) {
  const { i18n } = useLingui();
  const floor = percent(i18n, auto.quality_floor);
  const share = percent(i18n, auto.share_premium ?? 0);
  return auto.share_premium === null ? (
    <Trans>{floor} of the premium quality</Trans>
  ) : (
    <Trans>
      {floor} of the premium quality; it follows, so that premium models give at most {share} of the answers
    </Trans>
  );
}

function Judged({ cascade }: { cascade: Shown["cascade"] }) {
  const { i18n } = useLingui();
  const { checks } = useAutoWords();
  if (!cascade)
    return (
      <span className="quiet">
        <Trans>are not judged</Trans>
      </span>
    );
  const list = new Intl.ListFormat(i18n.locale, { type: "disjunction" });
  const wrong = list.format(cascade.checks.map((one) => checks[one]));
  return (
    <>
      {cascade.mode === "hold" ? (
        <Trans>are judged before they are shown.</Trans>
      ) : (
        <Trans>stream at once; a better model is offered under one that is not good enough.</Trans>
      )}{" "}
      {wrong ? <Trans>The next model is asked where one is {wrong}.</Trans> : null}{" "}
      {cascade.agree ? (
        cascade.second.length ? (
          <Trans>
            Where the result can be compared, two models have to agree. Asked beside the first, in this order:{" "}
            <Names names={cascade.second} />
          </Trans>
        ) : (
          <Trans>Where the result can be compared, a second model in the house has to agree.</Trans>
        )
      ) : null}
    </>
  );
}
