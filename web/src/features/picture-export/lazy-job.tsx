import { Suspense } from "react";
import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";
import type { PictureJobProps } from "./picture-job";

const Later = part(async () => {
  await withCatalogue("moving");
  return { default: (await import("./picture-job")).PictureJob };
});

/** Makes a picture of messages and saves it, once it is fetched. */
export function LazyPictureJob(props: PictureJobProps) {
  return (
    <Suspense>
      <Later {...props} />
    </Suspense>
  );
}
