import "./styles/index.css";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { bootstrapQuery } from "./api/bootstrap";
import { queryClient } from "./api/query-client";
import { threadQuery } from "./api/threads";
import { FloatingRoot } from "./components/ui/floating";
import { preloadMarkdown } from "./features/markdown/lazy-markdown";
import { activate, bootLocale } from "./i18n";
import { router } from "./routes/router";

async function start(): Promise<void> {
  const first = queryClient.prefetchQuery(bootstrapQuery);
  prepareThread(location.pathname);
  await activate(bootLocale());
  await first;
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  createRoot(root).render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <FloatingRoot />
      </QueryClientProvider>
    </I18nProvider>,
  );
}

/** What a chat needs is on its way while the app gets ready. */
function prepareThread(path: string): void {
  const id = /^\/c\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (!id) return;
  void queryClient.prefetchQuery(threadQuery(id));
  preloadMarkdown();
}

void start();
