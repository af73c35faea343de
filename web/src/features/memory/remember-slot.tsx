import { Suspense } from "react";
import { part } from "@/lib/part";
import { useRemember } from "./remember";

const RememberDialog = part(() =>
  import("./remember-dialog").then(({ RememberDialog }) => ({ default: RememberDialog })),
);

/** Where one says what is to be remembered, once for the whole shell; fetched when it is asked for. */
export function RememberSlot() {
  const { asked, close } = useRemember();
  if (!asked) return null;
  return (
    <Suspense>
      <RememberDialog key={asked.text} text={asked.text} threadId={asked.threadId} onClose={close} />
    </Suspense>
  );
}
