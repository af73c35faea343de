import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import { AnswerView } from "./answer-view";
import { Code } from "./code";
import { type Ask, PATHS } from "./request";
import type { Result } from "./run";
import { SnippetBox } from "./snippet-box";

/** Stands for a key in code, until one's own is put there. */
const ANY_KEY = "fh_your_key";

type View = "answer" | "request" | "response" | "code";

/** The answer, what was sent, what came back, and code for the request as the form has it. */
export function ResultPane({ ask, result }: { ask: Ask; result: Result | null }) {
  const { t } = useLingui();
  const [view, setView] = useState<View>("answer");
  const pane = useRef<HTMLElement>(null);
  const running = result?.state === "running";
  useEffect(() => {
    // code is no view of a result: whoever runs from there wants to see what comes
    if (running) setView((now) => (now === "code" ? "answer" : now));
    // where it stands below the form, it would come unseen
    if (running && pane.current && pane.current.getBoundingClientRect().bottom > innerHeight)
      pane.current.scrollIntoView();
  }, [running]);
  return (
    <section ref={pane} className="result" aria-label={t`Result`}>
      <Tabs
        label={t`Views of the result`}
        value={view}
        onChange={setView}
        tabs={[
          { value: "answer", label: t`Answer` },
          { value: "request", label: t`Request` },
          { value: "response", label: t`Response` },
          { value: "code", label: t`Snippets` },
        ]}
      >
        <TabPanel value="answer">{result ? <AnswerView result={result} /> : <Nothing />}</TabPanel>
        <TabPanel value="request">{result ? <SentView result={result} /> : <Nothing />}</TabPanel>
        <TabPanel value="response">{result ? <CameView result={result} /> : <Nothing />}</TabPanel>
        <TabPanel value="code">
          <p className="hint sm result-note">
            <Trans>
              The request of the form by other programs. Put a key in the place of{" "}
              <span className="mono">{ANY_KEY}</span>;{" "}
              <Link to="/settings/$section" params={{ section: "keys" }}>
                API keys
              </Link>{" "}
              makes one.
            </Trans>
          </p>
          <SnippetBox ask={ask} secret={ANY_KEY} />
        </TabPanel>
      </Tabs>
    </section>
  );
}

function Nothing() {
  return (
    <p className="quiet result-empty">
      <Trans>Run a request, and everything about it is here.</Trans>
    </p>
  );
}

function SentView({ result: { dialect, request } }: { result: Result }) {
  const { t } = useLingui();
  return (
    <>
      <p className="mono sm result-line">POST {PATHS[dialect]}</p>
      <Code label={t`Body of the request`} text={JSON.stringify(request, null, 2)} wrap />
    </>
  );
}

function CameView({ result: { status, headers, raw } }: { result: Result }) {
  const { t } = useLingui();
  return (
    <>
      <p className="mono sm result-line">{status ? `HTTP ${status}` : "…"}</p>
      <dl className="facts result-headers">
        {headers.map(([name, value]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      <Code label={t`Body of the response`} text={pretty(raw)} wrap />
    </>
  );
}

/** JSON as one reads it; a stream as it came. */
function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
