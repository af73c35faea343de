import { Suspense } from "react";
import { part } from "@/lib/part";

const Loaded = part(async () => ({ default: (await import("./file-preview")).FilePreview }));

/** What is in a text file; it comes when the first one is opened. */
export function FilePreview(props: { id: string; name: string; onClose: () => void }) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  );
}
