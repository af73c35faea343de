/** The live connection: one WebSocket per tab that says what changed elsewhere; reconnects, and catches up after a gap. */
import { dropUnseen, setLine, showsKept } from "./away";
import { bootstrapQuery } from "./bootstrap";
import { reloadThreads } from "./bulk";
import { modelsQuery } from "./models";
import { projectsQuery } from "./projects";
import { queryClient } from "./query-client";
import { dropThread, placeMessage, placeThread, threadQuery, updateMessages } from "./threads";
import type { LiveEvent } from "./types";

/** The server pings every 20 s; silence for longer means that the line is dead though it looks open. */
const SILENCE_MS = 50_000;
const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 20_000;

type Listener = (event: LiveEvent) => void;
const listeners = new Set<Listener>();

/** Hears every live event; returns how to stop. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Waits longer after each failure, with a random part so that tabs do not come back all at once. */
export function backoff(failures: number, random: number = Math.random()): number {
  return Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10)) * (0.5 + random / 2);
}

/** Opens the connection and keeps it; returns how to close it for good. */
export function startLive(onState: (online: boolean) => void): () => void {
  let socket: WebSocket | null = null;
  let failures = 0;
  let closed = false;
  let connectedBefore = false;
  let timer = 0;
  let watchdog = 0;

  const alive = () => {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(() => socket?.close(), SILENCE_MS);
  };
  const connect = () => {
    window.clearTimeout(timer);
    const address = new URL("/api/live", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address);
    socket.onmessage = (frame) => {
      alive();
      const event = JSON.parse(String(frame.data)) as LiveEvent;
      if (event.type === "ping") socket?.send('{"type":"pong"}');
      if (event.type === "hello") {
        failures = 0;
        setLine(true);
        onState(true);
        if (connectedBefore || showsKept()) catchUp();
        connectedBefore = true;
      }
      apply(event);
      for (const listener of listeners) listener(event);
    };
    socket.onclose = () => {
      window.clearTimeout(watchdog);
      if (closed) return;
      setLine(false);
      if (failures > 0 || connectedBefore) onState(false);
      // the server may be back and refuse this line, because the session has ended: any answer of it tells
      if (showsKept()) void queryClient.fetchQuery({ ...projectsQuery, staleTime: 0 }).catch(() => undefined);
      timer = window.setTimeout(connect, backoff(failures));
      failures += 1;
    };
  };
  const hurry = () => {
    if (!closed && socket?.readyState === WebSocket.CLOSED) connect();
  };
  if (showsKept()) onState(false);
  connect();
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  return () => {
    closed = true;
    window.clearTimeout(timer);
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    socket?.close();
  };
}

/** What happened while the line was down is not told again: everything on screen is asked for once. */
function catchUp(): void {
  dropUnseen();
  for (const key of ["threads", "thread", "projects", "models", ...(showsKept() ? ["bootstrap"] : [])])
    void queryClient.invalidateQueries({ queryKey: [key] });
}

function apply(event: LiveEvent): void {
  if (event.thread) placeThread(event.thread);
  switch (event.type) {
    case "threads":
      void reloadThreads();
      return;
    case "thread_deleted":
      if (event.id) dropThread(event.id);
      return;
    case "message":
      if (event.message) placeMessage(event.message);
      return;
    case "message_deleted":
      if (event.thread) void queryClient.invalidateQueries(threadQuery(event.thread.id));
      else if (event.id) dropMessage(event.id);
      return;
    case "fold":
      if (event.id) void queryClient.invalidateQueries(threadQuery(event.id));
      return;
    case "project":
      void queryClient.invalidateQueries(projectsQuery);
      return;
    case "models":
      void queryClient.invalidateQueries(modelsQuery);
      return;
    case "session_ended":
      void queryClient.invalidateQueries(bootstrapQuery);
      return;
    default:
  }
}

function dropMessage(id: string): void {
  for (const [key] of queryClient.getQueriesData({ queryKey: ["thread"] })) {
    updateMessages(String(key[1]), (messages) => messages.filter((message) => message.id !== id));
  }
}
