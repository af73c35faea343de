/** Translations that this tab asked for, by the message; what is done is kept with the message itself. */
import { create } from "zustand";
import { ApiError, Unreachable } from "@/api/errors";
import { placeMessage } from "@/api/threads";
import { translateMessage } from "@/api/turns";
import type { Language, Message, Translation } from "@/api/types";
import type { Described } from "@/features/errors/error-text";

export type Who = Pick<Translation, "model_id" | "provider_name" | "self_hosted">;

export interface Translating {
  language: Language;
  text: string;
  who: Who | null;
  /** Why there is no translation; null while it is written. */
  error: Described | null;
  abort: AbortController;
}

interface TranslatingState {
  byMessage: Record<string, Translating>;
}

const useAll = create<TranslatingState>(() => ({ byMessage: {} }));

export function useTranslating(messageId: string): Translating | undefined {
  return useAll((state) => state.byMessage[messageId]);
}

function change(id: string, own: AbortController, fields: Partial<Translating> | null): void {
  useAll.setState(({ byMessage }) => {
    const { [id]: old, ...others } = byMessage;
    if (old?.abort !== own) return { byMessage }; // another one began
    return { byMessage: fields ? { ...others, [id]: { ...old, ...fields } } : others };
  });
}

/** Ends what is being written, or takes away why it failed; what was kept before stays. */
export function stopTranslating(messageId: string): void {
  const doing = useAll.getState().byMessage[messageId];
  if (!doing) return;
  doing.abort.abort();
  change(messageId, doing.abort, null);
}

/** Translates; an earlier wish for the same message ends. */
export async function translate({ id }: Message, language: Language): Promise<void> {
  stopTranslating(id);
  const abort = new AbortController();
  const begun: Translating = { language, text: "", who: null, error: null, abort };
  useAll.setState(({ byMessage }) => ({ byMessage: { ...byMessage, [id]: begun } }));
  let text = "";
  try {
    for await (const event of translateMessage(id, language, abort.signal)) {
      if (event.type === "model") {
        text = "";
        change(id, abort, { who: event, text });
      } else if (event.type === "text") {
        text += event.delta;
        change(id, abort, { text });
      } else if (event.type === "finish") {
        placeMessage(event.message);
        change(id, abort, null);
        return;
      } else {
        change(id, abort, { error: { ...event.error, params: event.error.params ?? {} } });
        return;
      }
    }
    throw new Unreachable("the stream ended early");
  } catch (error) {
    if (!abort.signal.aborted) change(id, abort, { error: described(error) });
  }
}

function described(error: unknown): Described {
  if (error instanceof ApiError) return error.problem;
  return { code: "unreachable", message: String(error), params: {} };
}
