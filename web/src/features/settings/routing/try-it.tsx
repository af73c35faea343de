import { Trans, useLingui } from "@lingui/react/macro";
import { Play } from "lucide-react";
import { useId, useState } from "react";
import { explain } from "@/api/routing";
import type { Explanation, RouteGiven, RouteTest } from "@/api/types";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { listed, useHidden } from "@/features/chat/message/passed";
import { useChoiceWords } from "@/features/chat/message/route-words";
import { Chosen, PassedOverList } from "@/features/chat/message/why";
import { useReport } from "@/features/errors/report";

/** What would become of a sample, and a way to keep that as a test. */
export function TryIt({ onKeep }: { onKeep: (test: RouteTest) => Promise<void> }) {
  const { t } = useLingui();
  const id = useId();
  const report = useReport();
  const [text, setText] = useState("");
  const [group, setGroup] = useState("");
  const [role, setRole] = useState("");
  const [last, setLast] = useState<{ given: Partial<RouteGiven>; what: Explanation } | null>(null);
  const groups = group
    .split(/[,，、]/)
    .map((name) => name.trim())
    .filter(Boolean);
  const given: Partial<RouteGiven> = { text, group: groups, ...(role.trim() ? { role: role.trim() } : {}) };
  // what came of another sample, be it while one waited, says nothing about this one
  const found = last && JSON.stringify(last.given) === JSON.stringify(given) ? last : null;
  const run = async () => setLast({ given, what: await explain(given) });
  const keep = async () => {
    if (!found) return;
    const { model, route } = found.what;
    const expect = { rule: route.rule ?? "none", ...(model ? { model: [model] } : { refused: true }) };
    await onKeep({ given: found.given, expect } as RouteTest);
  };
  return (
    <form
      className="card pad key-form"
      onSubmit={(event) => {
        event.preventDefault();
        void run().catch(report);
      }}
    >
      <div className="wide">
        <label className="label" htmlFor={`${id}-text`}>
          <Trans>A message</Trans>
        </label>
        <textarea
          id={`${id}-text`}
          className="area"
          rows={3}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <TextField
        label={t`Groups of whoever asks`}
        autoComplete="off"
        value={group}
        onChange={(event) => setGroup(event.target.value)}
      />
      <TextField
        label={t`Their role`}
        autoComplete="off"
        placeholder="member"
        value={role}
        onChange={(event) => setRole(event.target.value)}
      />
      <div className="wide row wrap">
        <Button type="submit" variant="primary">
          <Play />
          <Trans>Try it</Trans>
        </Button>
        {found ? (
          <Button onClick={() => void keep().catch(report)}>
            <Trans>Keep as a test</Trans>
          </Button>
        ) : null}
      </div>
      <div className="wide" role="status">
        {found ? <Outcome what={found.what} /> : null}
      </div>
    </form>
  );
}

function Outcome({ what }: { what: Explanation }) {
  const words = useChoiceWords();
  const { model, error, route, stages, rules } = what;
  const late = rules.filter(({ id, holds }) => holds && id !== route.rule).map(({ id }) => id);
  const removed = stages.flatMap((stage) => stage.removed);
  const others = late.join(", ");
  const said = what.words?.map(({ word, effect }) => `${word} ${effect < 0 ? "−" : "+"}`).join(" · ");
  return (
    <>
      {model ? (
        <>
          <p className="font-medium">
            <span className="mono break-all">{model}</span>
          </p>
          <p className="sm quiet">{words(route)}</p>
          <Chosen route={route} />
        </>
      ) : what.passed.action === "none" ? (
        <p className="form-error">{error}</p>
      ) : null}
      <AtTheBorder what={what} />
      {said ? (
        <p className="sm quiet">
          <Trans>Words that count most: {said}</Trans>
        </p>
      ) : null}
      {others ? (
        <p className="sm quiet">
          <Trans>These would hold, too, and come too late: {others}</Trans>
        </p>
      ) : null}
      {removed.length ? <PassedOverList skipped={removed} /> : null}
    </>
  );
}

/** What would be done with what the sample holds before it left the house. */
function AtTheBorder({ what: { model, passed } }: { what: Explanation }) {
  const { i18n } = useLingui();
  const things = useHidden();
  const classes = listed(passed.classes, i18n.locale);
  const hidden = things(passed);
  switch (passed.action) {
    case "mask":
      return (
        <p className="sm quiet">
          <Trans>Hidden before it leaves the house, and put back into the answer: {hidden}.</Trans>
        </p>
      );
    case "ask":
      return (
        <p className="sm">
          <Trans>It holds {classes}: whoever asks has to agree before it leaves the house.</Trans>
        </p>
      );
    case "block":
      return (
        <p className="form-error">
          <Trans>It holds {classes}, which must not go to a model outside: it is refused.</Trans>
        </p>
      );
    case "in_house":
      return model ? (
        <p className="sm quiet">
          <Trans>It holds {classes}, so only models in the house are asked.</Trans>
        </p>
      ) : (
        <p className="form-error">
          <Trans>It holds {classes}, which stays in the house, and no model there can answer it.</Trans>
        </p>
      );
    default:
      return null;
  }
}
