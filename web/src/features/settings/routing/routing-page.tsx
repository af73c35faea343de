import "@/styles/admin.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { CircleCheck, CircleX, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { saveRules, useRules } from "@/api/routing";
import type { RouteRule, RouteTest, Rules } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { Loaded, Page } from "../page";
import { Auto } from "./auto";
import { Learned } from "./learned";
import { RuleForm } from "./rule-form";
import { RuleRow } from "./rule-row";
import { Trial } from "./trial";
import { TryIt } from "./try-it";

/** Which model answers what: rules in their order, samples, and the tests that a change must not break. */
export function RoutingPage() {
  const rules = useRules();
  return (
    <Page
      title={<Trans>Routing</Trans>}
      lead={
        <Trans>
          The first rule that holds decides which models may answer. Without one, Auto keeps easy work in the
          house.
        </Trans>
      }
    >
      <Loaded query={rules}>{(data) => <Sections data={data} />}</Loaded>
      <Trial />
      <Learned />
    </Page>
  );
}

function Sections({ data }: { data: Rules }) {
  const { t } = useLingui();
  const report = useReport();
  const [open, setOpen] = useState<{ at: number | null } | null>(null);
  const own = data.rules.filter(({ origin }) => origin === "app").map(({ rule }) => rule as RouteRule);
  const tests = data.tests.filter(({ origin }) => origin === "app").map(({ test }) => test);
  const firstOwn = data.rules.length - own.length;
  const save = (next: RouteRule[], nextTests: RouteTest[] = tests) =>
    saveRules(next, nextTests, data.saved_at);
  const put = (next: RouteRule[], nextTests?: RouteTest[]) => void save(next, nextTests).catch(report);
  const moved = (at: number, by: -1 | 1) => {
    const next = own.toSpliced(at, 1);
    next.splice(at + by, 0, own[at] as RouteRule);
    return next;
  };
  const editing = open && open.at !== null ? own[open.at] : undefined;
  return (
    <>
      <section aria-labelledby="routing-rules">
        <div className="section-head first">
          <div className="grow">
            <h2 id="routing-rules" className="big">
              <Trans>Rules</Trans>
            </h2>
            <p className="hint sm">
              <Trans>Those of freehold.yaml come first and are changed there.</Trans>
            </p>
          </div>
          <Button onClick={() => setOpen({ at: null })}>
            <Plus />
            <Trans>New rule</Trans>
          </Button>
        </div>
        {data.rules.length ? (
          <ol className="card rows rules">
            {data.rules.map((shown, place) => {
              const at = place - firstOwn;
              return (
                <RuleRow
                  key={shown.rule.id}
                  shown={shown}
                  findings={data.findings.filter(({ rule }) => rule === shown.rule.id)}
                  first={at === 0}
                  last={at === own.length - 1}
                  onChange={() => setOpen({ at })}
                  onSwitch={(enabled) => put(own.with(at, { ...(own[at] as RouteRule), enabled }))}
                  onMove={(by) => put(moved(at, by))}
                  onRemove={() => put(own.toSpliced(at, 1))}
                />
              );
            })}
          </ol>
        ) : (
          <p className="card pad quiet">
            <Trans>There are no rules.</Trans>
          </p>
        )}
      </section>
      <Auto auto={data.auto} />
      <section aria-labelledby="routing-try">
        <div className="section-head">
          <h2 id="routing-try" className="big grow">
            <Trans>Try it</Trans>
          </h2>
        </div>
        <TryIt onKeep={(test) => save(own, [...tests, test])} />
      </section>
      {data.tests.length ? (
        <section aria-labelledby="routing-tests">
          <div className="section-head">
            <div className="grow">
              <h2 id="routing-tests" className="big">
                <Trans>Tests</Trans>
              </h2>
              <p className="hint sm">
                <Trans>A change that breaks one of them is refused.</Trans>
              </p>
            </div>
          </div>
          <ul className="card rows rules">
            {data.tests.map((shown, place) => {
              const { given, expect } = shown.test;
              const at = place - (data.tests.length - tests.length);
              const text = given.text || given.model;
              return (
                <li key={`${place} ${text}`} className="rule">
                  <span className="rule-who">
                    {shown.wrong.length ? <CircleX /> : <CircleCheck />}
                    <span className="clip" title={text}>
                      {text}
                    </span>
                  </span>
                  <p className="rule-bars sm quiet break-words">
                    {shown.wrong.join("; ") ||
                      [expect.model?.join(", "), expect.rule].filter(Boolean).join(" · ")}
                  </p>
                  {shown.origin === "app" ? (
                    <IconButton
                      label={t`Remove the test ${text}`}
                      onClick={() => put(own, tests.toSpliced(at, 1))}
                    >
                      <Trash2 />
                    </IconButton>
                  ) : (
                    <span className="hint sm mono">{shown.detail}</span>
                  )}
                </li>
              );
            })}
          </ul>
        </section>
      ) : null}
      {open ? (
        <RuleForm
          rule={editing}
          onClose={() => setOpen(null)}
          onSave={(rule) => save(open.at === null ? [...own, rule] : own.with(open.at, rule))}
        />
      ) : null}
    </>
  );
}
