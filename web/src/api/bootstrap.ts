import { queryOptions, useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { emptyOutbox } from "./outbox";
import { queryClient } from "./query-client";
import type { Bootstrap, Me, PreferencesPatch } from "./types";

export const bootstrapQuery = queryOptions({
  queryKey: ["bootstrap"],
  queryFn: (): Promise<Bootstrap> => body(api.GET("/api/bootstrap")),
  retry: 1,
});

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

/** Preferences apply at once and are saved behind; a failed save puts the old ones back and throws. */
export async function savePreferences(patch: PreferencesPatch): Promise<void> {
  const before = queryClient.getQueryData(bootstrapQuery.queryKey)?.me;
  if (!before) return;
  const preferences = { ...before.preferences, ...patch } as Me["preferences"];
  setMe({ ...before, preferences });
  try {
    setMe(await body(api.PATCH("/api/me", { body: { preferences: patch } })));
  } catch (error) {
    setMe(before);
    throw error;
  }
}

export function useSavePreferences() {
  return useMutation({ mutationFn: savePreferences });
}

/** Ends the session and starts the app anew, so that nothing of this person stays in memory. */
export async function signOut(): Promise<void> {
  await api.DELETE("/api/session");
  emptyOutbox();
  location.assign("/sign-in");
}
