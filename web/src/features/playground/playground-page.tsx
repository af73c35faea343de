import "@/styles/settings.css";
import "@/styles/playground.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { findModel, useModels } from "@/api/models";
import { Header } from "@/app/header";
import { useCommand } from "@/features/commands/registry";
import { AskForm } from "./ask-form";
import { type Ask, bodyOf, problems } from "./request";
import { ResultPane } from "./result-pane";
import { useAsk } from "./state";
import { useRun } from "./use-run";

/** One request to the server's own API, put together on the left and seen from all sides on the right. */
export function PlaygroundPage() {
  const { t } = useLingui();
  const { data: models } = useModels();
  const { ask, set } = useAsk();
  const { result, run, stop } = useRun();
  const [wrong, setWrong] = useState<Set<keyof Ask>>(new Set());
  const usual = models?.default ?? models?.items[0]?.ref;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `set` is a new function each time and does the same
  useEffect(() => {
    if (usual && !ask.model) set({ model: usual });
  }, [usual, ask.model]);

  const abilities = findModel(models, ask.model)?.abilities;
  const change = (fields: Partial<Ask>) => {
    set(fields);
    setWrong(new Set([...wrong].filter((field) => !(field in fields))));
  };
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    const found = problems(ask, abilities);
    setWrong(found);
    if (found.size === 0 && ask.model) void run(ask.dialect, bodyOf(ask, abilities));
  };
  useCommand("playground.run", () => send());
  return (
    <main className="main" id="main">
      <title>{`${t`Playground`} · Freehold`}</title>
      <Header
        actions={
          <Link to="/settings/$section" params={{ section: "keys" }} className="btn btn-ghost btn-sm">
            <KeyRound className="i-14" />
            <Trans>API keys</Trans>
          </Link>
        }
      >
        <h1 className="playground-title">
          <Trans>Playground</Trans>
        </h1>
      </Header>
      <div className="playground">
        <AskForm
          ask={ask}
          set={change}
          wrong={wrong}
          model={findModel(models, ask.model)}
          running={result?.state === "running"}
          onSend={send}
          onStop={stop}
        />
        <ResultPane ask={ask} result={result} />
      </div>
    </main>
  );
}
