import { Suspense } from "react";
import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";
import { useMoving } from "./questions";

const ExportDialog = part(async () => {
  await withCatalogue("moving");
  const { ExportDialog: component } = await import("./export-dialog");
  return { default: component };
});

const ShareDialog = part(async () => {
  await withCatalogue("moving");
  const { ShareDialog: component } = await import("./share-dialog");
  return { default: component };
});

/** Export and share, once for the whole shell; fetched when they are asked for. */
export function MovingDialogs() {
  const { question, close } = useMoving();
  if (!question) return null;
  const { kind, thread, selected } = question;
  return (
    <Suspense>
      {kind === "share" ? (
        <ShareDialog thread={thread} selected={selected} onClose={close} />
      ) : (
        <ExportDialog thread={thread} onClose={close} />
      )}
    </Suspense>
  );
}
