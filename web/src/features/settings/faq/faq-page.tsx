import "@/styles/admin.css";
import { Trans } from "@lingui/react/macro";
import { Plus } from "lucide-react";
import { useState } from "react";
import { dismissQuestion, useFaq } from "@/api/faq";
import type { FaqInfo, FaqState } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { Loaded, Page } from "../page";
import { CacheCard } from "./cache-card";
import { EntryRow } from "./entry-row";
import { FaqForm } from "./faq-form";
import { FrequentRow } from "./frequent-row";

type Open = { entry?: FaqInfo; question?: string } | null;

/** Answers that administrators give once for all, what is asked often, and the cache behind both. */
export function FaqPage() {
  const query = useFaq();
  const [open, setOpen] = useState<Open>(null);
  return (
    <Page
      title={<Trans>Frequent questions</Trans>}
      lead={
        <Trans>
          An approved answer is given at once to whoever asks its question first in a chat. It says where it
          comes from, and the model is one click away.
        </Trans>
      }
      aside={
        <Button variant="primary" onClick={() => setOpen({})}>
          <Plus />
          <Trans>New answer</Trans>
        </Button>
      }
    >
      <Loaded query={query} bones={[70, 56, 64]}>
        {(state) => (
          <>
            <Entries state={state} onOpen={setOpen} />
            <Frequent state={state} onOpen={setOpen} />
          </>
        )}
      </Loaded>
      <CacheCard />
      {open ? <FaqForm entry={open.entry} question={open.question} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

interface PartProps {
  state: FaqState;
  onOpen: (open: Open) => void;
}

function Entries({ state, onOpen }: PartProps) {
  return (
    <section aria-labelledby="faq-answers">
      <div className="section-head first">
        <h2 id="faq-answers" className="big">
          <Trans>Curated answers</Trans>
        </h2>
        {state.chat ? null : (
          <span className="hint sm">
            <Trans>not given in chats (faq.chat is off)</Trans>
          </span>
        )}
      </div>
      {state.entries.length ? (
        <ul className="card rows">
          {state.entries.map((entry) => (
            <EntryRow key={entry.id} entry={entry} onChange={() => onOpen({ entry })} />
          ))}
        </ul>
      ) : (
        <p className="card pad quiet">
          <Trans>There is no answer yet. Write one, or take a question from below.</Trans>
        </p>
      )}
    </section>
  );
}

function Frequent({ state, onOpen }: PartProps) {
  const report = useReport();
  const people = state.min_people;
  return (
    <section aria-labelledby="faq-frequent">
      <div className="section-head first">
        <div className="grow">
          <h2 id="faq-frequent" className="big">
            <Trans>Asked often</Trans>
          </h2>
          <p className="hint sm">
            {state.suggests ? (
              <Trans>
                A question can be read here once {people} different people asked it, and never when it holds
                personal data. Who asked is not kept.
              </Trans>
            ) : (
              <Trans>Nothing is counted: faq.suggest is off.</Trans>
            )}
          </p>
        </div>
      </div>
      {state.frequent.length ? (
        <ul className="card rows">
          {state.frequent.map((item) => (
            <FrequentRow
              key={item.key}
              item={item}
              onAnswer={() => onOpen({ question: item.text })}
              onDismiss={() => void dismissQuestion(item.key).catch(report)}
            />
          ))}
        </ul>
      ) : (
        <p className="card pad quiet">
          <Trans>Nothing was asked often enough yet.</Trans>
        </p>
      )}
    </section>
  );
}
