import { Suspense } from "react";
import { part } from "@/lib/part";
import { useArtifacts } from "./state";

const Panel = part(() => import("./panel").then((module) => ({ default: module.ArtifactPanel })));

/** The place on the right of the chat. */
export function ArtifactSlot() {
  const opened = useArtifacts((state) => state.opened);
  if (!opened) return null;
  return (
    <Suspense fallback={null}>
      <Panel opened={opened} />
    </Suspense>
  );
}
