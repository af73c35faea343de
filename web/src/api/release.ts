/** The service worker that keeps the app's own files, and what it says of a newer version. */
import { create } from "zustand";

const SCRIPT = "/service-worker.js";
export const SHELLS = "freehold-shell-";

/** This page is of an older version than the one that is kept now. */
export const useRelease = create<{ newer: boolean }>(() => ({ newer: false }));

/** Browsers have service workers over https and on the machine itself alone; some have none in private windows. */
export const canKeep = () => window.isSecureContext && "serviceWorker" in navigator && "indexedDB" in window;

/** The script with which this page began: its name has a hash, so every version has another one. */
const entry = () => document.querySelector('script[type="module"][src]')?.getAttribute("src");

if ("serviceWorker" in navigator)
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ entry?: string }>) => {
    if (data.entry) useRelease.setState({ newer: data.entry !== entry() });
  });

export async function keepShell(): Promise<void> {
  await navigator.serviceWorker.register(SCRIPT);
}

/** Asks whether there is a newer version; the browser itself asks only when a page is opened. */
export async function lookForRelease(): Promise<void> {
  await (await navigator.serviceWorker.getRegistration())?.update();
}

export async function dropShell(): Promise<void> {
  await (await navigator.serviceWorker?.getRegistration())?.unregister();
  for (const name of (await window.caches?.keys()) ?? [])
    if (name.startsWith(SHELLS)) await caches.delete(name);
}
