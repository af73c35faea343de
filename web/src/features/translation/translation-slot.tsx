import { Suspense } from "react";
import type { Message } from "@/api/types";
import { part } from "@/lib/part";
import { useTranslating } from "./state";

const TranslationBlock = part(() =>
  import("./translation-block").then(({ TranslationBlock }) => ({ default: TranslationBlock })),
);

/** Where a message stands in another language; fetched with the first translation. */
export function TranslationSlot({ message }: { message: Message }) {
  const doing = useTranslating(message.id);
  if (!doing && !message.translation) return null;
  return (
    <Suspense>
      <TranslationBlock message={message} doing={doing} />
    </Suspense>
  );
}
