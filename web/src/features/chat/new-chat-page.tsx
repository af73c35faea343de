import { Trans } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { uuid7 } from "@/api/ids";
import { useModels } from "@/api/models";
import { Header } from "@/app/header";
import { Mark } from "@/components/ui/mark";
import { useReport } from "@/features/errors/report";
import { preloadMarkdown } from "@/features/markdown/lazy-markdown";
import { withCatalogue } from "@/i18n";
import { send, startThread } from "./actions";
import { Composer, type Outgoing } from "./composer/composer";
import { useChat } from "./state";

const Welcome = lazy(async () => {
  await withCatalogue("settings");
  const { Welcome: component } = await import("@/features/onboarding/welcome");
  return { default: component };
});

/** The empty page: a greeting and the composer; without any model the three ways to get one. */
export function NewChatPage() {
  const navigate = useNavigate();
  const report = useReport();
  const { project } = useSearch({ strict: false });
  const { data: models } = useModels();
  useEffect(preloadMarkdown, []);

  const start = async ({ parts, model, effort }: Outgoing) => {
    const id = uuid7();
    useChat.getState().chooseModel("new", model);
    await startThread(id, model, project);
    await navigate({ to: "/c/$threadId", params: { threadId: id } });
    send({ threadId: id, parentId: null, parts, model, effort }).catch(report);
  };
  const empty = models !== undefined && models.items.length === 0;
  return (
    <main className="main" id="main">
      <title>Freehold</title>
      <Header />
      <div className={`thread scroll welcome ${empty ? "" : "is-plain"}`}>
        <div className="column">
          {empty ? (
            <Suspense>
              <Welcome />
            </Suspense>
          ) : (
            <div className="hello">
              <Mark className="" />
              <h1 className="serif">
                <Trans>What is on your mind?</Trans>
              </h1>
            </div>
          )}
          <Composer scope="new" onSend={start} autoFocus />
        </div>
      </div>
    </main>
  );
}
