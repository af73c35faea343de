import { Trans } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { uuid7 } from "@/api/ids";
import { placeNewThread } from "@/api/threads";
import { Header } from "@/app/header";
import { Mark } from "@/components/ui/mark";
import { preloadMarkdown } from "@/features/markdown/lazy-markdown";
import { useFirstRun } from "@/features/onboarding/first-run";
import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";
import { send } from "./actions";
import { Composer, type Outgoing } from "./composer/composer";
import { changeDraft } from "./composer/drafts";
import { HouseLock } from "./house-lock";
import { useChat } from "./state";
import { TemporarySwitch } from "./temporary";
import { useRefusal } from "./use-refusal";

const Welcome = part(async () => {
  await withCatalogue("welcome");
  const { Welcome: component } = await import("@/features/onboarding/welcome");
  return { default: component };
});
const Suggestions = part(async () => {
  await withCatalogue("welcome");
  const { Suggestions: component } = await import("@/features/onboarding/suggestions");
  return { default: component };
});

function fill(text: string): void {
  changeDraft("new", { text });
  document.querySelector<HTMLTextAreaElement>(".composer-text")?.focus();
}

/** The empty page: a greeting and the composer; at first also three ways to a model. */
export function NewChatPage() {
  const navigate = useNavigate();
  const refused = useRefusal();
  const { project } = useSearch({ strict: false });
  const firstRun = useFirstRun();
  const [inHouse, setInHouse] = useState(false);
  const [temporary, setTemporary] = useState(false);
  const parameters = useChat((state) => state.parameters);
  useEffect(preloadMarkdown, []);

  const start = (message: Outgoing) => {
    const threadId = uuid7();
    const model = message.onward ?? message.model;
    useChat.getState().chooseModel("new", model);
    const first = { project_id: project, in_house: inHouse, temporary, parameters };
    useChat.getState().chooseParameters({});
    placeNewThread(threadId, model, first);
    send({ ...message, threadId, parentId: null, first }).catch(refused(threadId));
    void navigate({ to: "/c/$threadId", params: { threadId } });
  };
  return (
    <main className="main" id="main">
      <title>Freehold</title>
      <Header
        actions={
          firstRun ? null : (
            <>
              <TemporarySwitch on={temporary} onChange={setTemporary} />
              <HouseLock on={inHouse} onChange={setInHouse} />
            </>
          )
        }
      />
      <div className={`thread scroll welcome ${firstRun ? "" : "is-plain"}`}>
        <div className="column">
          {firstRun ? (
            <Suspense>
              <Welcome
                onBegin={(text, model) =>
                  start({ key: uuid7(), parts: [{ type: "text", text }], model, compare: [], effort: null })
                }
              />
            </Suspense>
          ) : firstRun === undefined ? null : (
            <div className="hello">
              <Mark className="" />
              <h1 className="serif">
                {temporary ? <Trans>A temporary chat</Trans> : <Trans>What is on your mind?</Trans>}
              </h1>
              {temporary ? (
                <p className="quiet hello-note">
                  <Trans>
                    It is in no list and in no search, nothing of it is remembered, and it is deleted by
                    itself some time after the last message. You can still keep it.
                  </Trans>
                </p>
              ) : null}
            </div>
          )}
          <Composer
            scope="new"
            inHouse={inHouse}
            parameters={parameters}
            onParameters={useChat.getState().chooseParameters}
            onSend={start}
            // on a touch screen the keyboard would cover what one came to read
            autoFocus={!matchMedia("(pointer: coarse)").matches}
          />
          {firstRun ? (
            <Suspense>
              <Suggestions onPick={fill} />
            </Suspense>
          ) : null}
        </div>
      </div>
    </main>
  );
}
