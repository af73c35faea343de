import { lazy, Suspense } from "react";

const Loaded = lazy(async () => ({ default: (await import("./file-preview")).FilePreview }));

/** What is in a text file; it comes when the first one is opened. */
export function FilePreview(props: { id: string; name: string; onClose: () => void }) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  );
}
