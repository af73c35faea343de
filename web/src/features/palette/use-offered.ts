import { useLingui } from "@lingui/react/macro";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useModels } from "@/api/models";
import { useSearch } from "@/api/search";
import { patchThread } from "@/api/threads";
import { changeDraft } from "@/features/chat/composer/drafts";
import { useChat } from "@/features/chat/state";
import { useKeptInHouse } from "@/features/chat/use-thread-model";
import { keysOf } from "@/features/commands/bindings";
import { useChosenKeys } from "@/features/commands/use-keys";
import { useReport } from "@/features/errors/report";
import { staysInHouse } from "@/features/picker/list";
import { useProviderLabel } from "@/features/picker/provider-label";
import { activeLocale } from "@/i18n";
import { keysLabel } from "@/lib/keys";
import { askItem, commandItems, foundItems, type Item, modelItems, threadItems } from "./items";

/** Typing goes on for so long without a question to the server. */
const PAUSE_MS = 120;

/** What the server finds in titles and messages, a moment after the last key. */
export function useFound(query: string, wanted: boolean): Item[] {
  const navigate = useNavigate();
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(wanted ? query.trim().slice(0, 200) : ""), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [query, wanted]);
  const { data } = useSearch(asked);
  return useMemo(() => {
    if (!data || !asked) return [];
    const open = (threadId: string, message?: string) =>
      void navigate({ to: "/c/$threadId", params: { threadId }, search: { message } });
    return foundItems(data, dayOf, open);
  }, [data, asked, navigate]);
}

function dayOf(moment: string): string {
  return new Intl.DateTimeFormat(activeLocale(), { day: "numeric", month: "short" }).format(new Date(moment));
}

/** Everything that can be chosen, as it is while the palette is open. `models`: nothing but those. */
export function useOffered(models: boolean) {
  const { t, i18n } = useLingui();
  const navigate = useNavigate();
  const report = useReport();
  const chosen = useChosenKeys();
  const providerName = useProviderLabel();
  const { threadId } = useParams({ strict: false });
  const { data: list } = useModels();
  const inHouse = useKeptInHouse(threadId);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is offered is taken once, and again when models come
  const offered = useMemo(() => {
    const pick = (ref: string) => {
      useChat.getState().chooseModel(threadId ?? "new", ref);
      if (threadId) patchThread(threadId, { model: ref }).catch(report);
    };
    const where = (model: { self_hosted: boolean; provider_id: string; provider_name: string }) =>
      model.self_hosted ? t`in-house` : providerName(model.provider_id, model.provider_name);
    const all = list?.items ?? [];
    const named = modelItems(inHouse ? all.filter((model) => staysInHouse(model, all)) : all, where, pick);
    if (models) return { commands: [], threads: [], models: named };
    return {
      commands: commandItems(i18n, chosen),
      threads: threadItems(
        (thread) => dayOf(thread.last_activity_at),
        (id) => void navigate({ to: "/c/$threadId", params: { threadId: id } }),
      ),
      models: named,
    };
  }, [models, list, inHouse]);

  const askFor = useCallback(
    (text: string): Item | null => {
      if (!text) return null;
      const begin = async (words: string) => {
        changeDraft("new", { text: words });
        await navigate({ to: "/" });
        document.querySelector<HTMLTextAreaElement>(".composer-text")?.focus();
      };
      const keys = keysLabel(keysOf("chat.new", chosen));
      return askItem(text, t`New chat about “${text}”`, keys, (words) => void begin(words));
    },
    [chosen, navigate, t],
  );
  return { offered, askFor };
}
