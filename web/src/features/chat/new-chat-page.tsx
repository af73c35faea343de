import { Trans } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { uuid7 } from "@/api/ids";
import { placeNewThread } from "@/api/threads";
import { Header } from "@/app/header";
import { Mark } from "@/components/ui/mark";
import { preloadMarkdown } from "@/features/markdown/lazy-markdown";
import { useFirstRun } from "@/features/onboarding/first-run";
import { withCatalogue } from "@/i18n";
import { send } from "./actions";
import { Composer, type Outgoing } from "./composer/composer";
import { changeDraft } from "./composer/drafts";
import { useChat } from "./state";
import { useRefusal } from "./use-refusal";

const Welcome = lazy(async () => {
  await withCatalogue("settings");
  const { Welcome: component } = await import("@/features/onboarding/welcome");
  return { default: component };
});
const Suggestions = lazy(async () => {
  await withCatalogue("settings");
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
  useEffect(preloadMarkdown, []);

  const start = (message: Outgoing) => {
    const threadId = uuid7();
    useChat.getState().chooseModel("new", message.model);
    placeNewThread(threadId, message.model, project);
    send({ ...message, threadId, parentId: null, first: { project_id: project } }).catch(refused(threadId));
    void navigate({ to: "/c/$threadId", params: { threadId } });
  };
  return (
    <main className="main" id="main">
      <title>Freehold</title>
      <Header />
      <div className={`thread scroll welcome ${firstRun ? "" : "is-plain"}`}>
        <div className="column">
          {firstRun ? (
            <Suspense>
              <Welcome />
            </Suspense>
          ) : firstRun === undefined ? null : (
            <div className="hello">
              <Mark className="" />
              <h1 className="serif">
                <Trans>What is on your mind?</Trans>
              </h1>
            </div>
          )}
          <Composer
            scope="new"
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
