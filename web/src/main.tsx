import "./styles/index.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { bootstrapQuery } from "./api/bootstrap";
import { queryClient } from "./api/query-client";
import { ToastProvider } from "./components/ui/toast";
import { activate, bootLocale } from "./i18n";
import { router } from "./routes/router";

async function start(): Promise<void> {
  const first = queryClient.prefetchQuery(bootstrapQuery);
  await activate(bootLocale());
  await first;
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  createRoot(root).render(
    <CSPProvider disableStyleElements>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={queryClient}>
          <Tooltip.Provider delay={400}>
            <ToastProvider>
              <RouterProvider router={router} />
            </ToastProvider>
          </Tooltip.Provider>
        </QueryClientProvider>
      </I18nProvider>
    </CSPProvider>,
  );
}

void start();
