import { queryOptions, useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { chooseKeeping, eraseKept, keepFor, orKept } from "./away";
import { api, body, signedOut } from "./client";
import { NotKept, StillSignedIn, Unreachable } from "./errors";
import { emptyOutbox } from "./outbox";
import { queryClient } from "./query-client";
import type { Bootstrap, Me, PreferencesPatch } from "./types";

export const bootstrapQuery = queryOptions({
  queryKey: ["bootstrap"],
  queryFn: (): Promise<Bootstrap> => orKept(["bootstrap"], loadBootstrap),
  retry: (count, error) => !(error instanceof NotKept) && count < 1,
});

async function loadBootstrap(): Promise<Bootstrap> {
  const bootstrap = await body(api.GET("/api/bootstrap"));
  const before = queryClient.getQueryData<Bootstrap>(["bootstrap"]);
  if (before && before.me?.id !== bootstrap.me?.id) forgetOthers();
  keepFor(bootstrap);
  return bootstrap;
}

/** Someone else may have been here before: nothing of theirs stays in memory. */
export function forgetOthers(): void {
  void queryClient.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== "bootstrap" });
}

export function useBootstrap(): Bootstrap {
  return useSuspenseQuery(bootstrapQuery).data;
}

/** The signed-in person. Only inside the shell, where there is one. */
export function useMe(): Me {
  const { me } = useBootstrap();
  if (!me) throw new Error("useMe outside of a signed-in page");
  return me;
}

export function setMe(me: Me): void {
  queryClient.setQueryData(bootstrapQuery.queryKey, (old) => old && { ...old, me });
}

/** What is being saved lies over what the server said last, so that its answer to one choice cannot undo the next. */
let kept: Me | undefined;
let underWay: PreferencesPatch[] = [];
let line: Promise<unknown> = Promise.resolve();

/** Preferences apply at once and are saved behind, in order; a failed save puts the old ones back and throws. */
export async function savePreferences(patch: PreferencesPatch): Promise<void> {
  if (underWay.length === 0) kept = queryClient.getQueryData(bootstrapQuery.queryKey)?.me ?? undefined;
  if (!kept) return;
  underWay.push(patch);
  showPreferences();
  const saving = line.then(() => body(api.PATCH("/api/me", { body: { preferences: patch } })));
  line = saving.catch(() => undefined);
  try {
    kept = await saving;
  } finally {
    underWay = underWay.filter((other) => other !== patch);
    showPreferences();
  }
}

function showPreferences() {
  if (!kept) return;
  const preferences = Object.assign({}, kept.preferences, ...underWay) as Me["preferences"];
  setMe({ ...kept, preferences });
}

export function useSavePreferences() {
  return useMutation({ mutationFn: savePreferences });
}

/** Ends the session and starts the app anew, so that nothing of this person stays in memory. */
export async function signOut(): Promise<void> {
  const me = queryClient.getQueryData<Bootstrap>(["bootstrap"])?.me;
  const [erased] = await Promise.allSettled([eraseKept()]); // first, because the server may be away
  emptyOutbox();
  try {
    await api.DELETE("/api/session");
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    // the session is for the server to end; until then nothing is kept here anew
    if (me) await chooseKeeping(me, false).catch(() => undefined);
    throw new StillSignedIn(error);
  }
  sessionStorage.clear();
  if (erased.status === "fulfilled") return location.assign("/sign-in");
  signedOut(); // this page stays, to say so
  throw erased.reason;
}
