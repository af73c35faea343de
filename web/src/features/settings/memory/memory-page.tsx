import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { savePreferences, useMe } from "@/api/bootstrap";
import { addFact, clearFacts, useFacts } from "@/api/memory";
import { useProjects } from "@/api/projects";
import type { FactInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { useReport } from "@/features/errors/report";
import { Loaded, Page, Setting } from "../page";
import { useSaved } from "../use-saved";
import { FactForm } from "./fact-form";
import { FactRow, ProposedRow } from "./fact-row";

/** What goes with every question: turned on or off, added, worded anew, forgotten. */
export function MemoryPage() {
  const { t } = useLingui();
  const [saved, save] = useSaved();
  const { memory, memory_proposals: proposals } = useMe().preferences;
  const facts = useFacts();
  return (
    <Page
      title={<Trans>Memory</Trans>}
      lead={
        <Trans>
          Facts that go with what you ask, so that you need not say them again. Only what you kept.
        </Trans>
      }
      aside={saved}
    >
      <div>
        <Setting
          name={<Trans>Use what is remembered</Trans>}
          hint={
            <Trans>
              Sent to the model that answers, like your words, with the same rules for what may leave the
              house. Never in temporary chats. The details of an answer say how many facts it had.
            </Trans>
          }
        >
          <Switch
            label={t`Use what is remembered`}
            checked={memory}
            onChange={(on) => void save(savePreferences({ memory: on }))}
          />
        </Setting>
        <Setting
          name={<Trans>Let a model in the house propose facts</Trans>}
          hint={<Trans>It reads what you wrote, after the answer. Nothing is kept until you say so.</Trans>}
        >
          <Switch
            label={t`Let a model in the house propose facts`}
            checked={proposals}
            onChange={(on) => void save(savePreferences({ memory_proposals: on }))}
          />
        </Setting>
      </div>
      <Loaded query={facts}>{(items) => <Facts items={items} />}</Loaded>
    </Page>
  );
}

function Facts({ items }: { items: FactInfo[] }) {
  const { t } = useLingui();
  const report = useReport();
  const { project: asking = "" } = useSearch({ strict: false });
  const [where, setWhere] = useState(asking);
  const [asked, setAsked] = useState(false);
  const { data: projects = [] } = useProjects();
  const proposed = items.filter((fact) => fact.state === "proposed");
  const kept = items.filter((fact) => fact.state === "kept");
  const shown = kept.filter((fact) => !where || fact.project_id === where);
  const count = shown.length;
  const inProject = projects.find((project) => project.id === where)?.name;
  return (
    <>
      {proposed.length > 0 ? (
        <section aria-labelledby="proposed-title">
          <div className="section-head">
            <h2 id="proposed-title">
              <Trans>Shall this be remembered?</Trans>
            </h2>
          </div>
          <ul className="card rows">
            {proposed.map((fact) => (
              <ProposedRow key={fact.id} fact={fact} />
            ))}
          </ul>
        </section>
      ) : null}
      <section aria-labelledby="kept-title">
        <div className="section-head">
          <h2 id="kept-title" className="grow">
            <Trans>Remembered</Trans>
          </h2>
          {projects.length > 0 ? (
            <Select
              label={t`Shown and added for`}
              value={where}
              onChange={setWhere}
              options={[
                { value: "", label: t`Every chat` },
                ...projects.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              className="facts-for"
            />
          ) : null}
        </div>
        <FactForm
          label={inProject ? t`A fact for ${inProject}` : t`A fact for every chat`}
          value=""
          action={<Trans>Remember</Trans>}
          onSave={(text) => addFact({ text, project_id: where || null })}
        />
        {shown.length > 0 ? (
          <ul className="card rows mt-4">
            {shown.map((fact) => (
              <FactRow
                key={fact.id}
                fact={fact}
                project={where ? undefined : projects.find(({ id }) => id === fact.project_id)?.name}
              />
            ))}
          </ul>
        ) : (
          <p className="quiet mt-4">
            <Trans>Nothing is remembered here.</Trans>
          </p>
        )}
        {shown.length > 0 ? (
          <div className="row mt-6">
            <Button variant="danger" onClick={() => setAsked(true)}>
              {inProject ? <Trans>Forget all of {inProject}</Trans> : <Trans>Forget everything</Trans>}
            </Button>
          </div>
        ) : null}
        <Confirm
          open={asked}
          onOpenChange={setAsked}
          title={<Plural value={count} one="Forget # fact?" other="Forget all # facts?" />}
          action={<Trans>Forget</Trans>}
          onConfirm={() => void clearFacts(where || undefined).catch(report)}
        >
          <Trans>They are deleted for good. What was written in chats stays there.</Trans>
        </Confirm>
      </section>
    </>
  );
}
