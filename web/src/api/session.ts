/** Coming in, one's own account and its sessions. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { keepFor } from "./away";
import { bootstrapQuery, forgetOthers, setMe } from "./bootstrap";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { Bootstrap, SessionInfo } from "./types";

function enter(bootstrap: Bootstrap): void {
  forgetOthers();
  queryClient.setQueryData(bootstrapQuery.queryKey, bootstrap);
  keepFor(bootstrap);
}

/** With an access code, `email` is empty and the code is the password. */
export async function signIn(email: string, password: string): Promise<void> {
  enter(await body(api.POST("/api/session", { body: { email, password } })));
}

export interface NewAccount {
  email: string;
  name: string;
  password: string;
}

/** Makes the first administrator with the one-time token that the server printed. */
export async function setUp(token: string, account: NewAccount): Promise<void> {
  enter(await body(api.POST("/api/setup", { body: { token, ...account } })));
}

/** Turns single-user mode into accounts; whoever sits here becomes the administrator. */
export async function turnAccountsOn(account: NewAccount): Promise<void> {
  enter(await body(api.POST("/api/accounts", { body: account })));
}

export async function changeName(name: string): Promise<void> {
  setMe(await body(api.PATCH("/api/me", { body: { name } })));
}

export async function changePassword(current: string, next: string): Promise<void> {
  await api.POST("/api/me/password", { body: { current_password: current, new_password: next } });
  await queryClient.invalidateQueries(sessionsQuery);
}

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: (): Promise<SessionInfo[]> => body(api.GET("/api/sessions")),
  staleTime: 0,
});

export const useSessions = () => useQuery(sessionsQuery);

export async function endSession(id: string): Promise<void> {
  await api.DELETE("/api/sessions/{session_id}", { params: { path: { session_id: id } } });
  queryClient.setQueryData(sessionsQuery.queryKey, (old) => old?.filter((item) => item.id !== id));
}
