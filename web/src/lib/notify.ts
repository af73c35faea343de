/** A notice of the system when an answer that took a while ends where nobody looks, and a dot on the tab until somebody does. */

/** Shorter answers are there before one has turned away. */
const LONG_MS = 5000;

export const canNotify = "Notification" in window;

/** Asks once; only ever on a click, as browsers want it. */
export async function askToNotify(): Promise<boolean> {
  return canNotify && (await Notification.requestPermission()) === "granted";
}

export interface Ended {
  threadId: string;
  startedAt: string;
  title: string;
  body: string;
}

/** `open` brings the reader to the chat. */
export function tellEnd({ threadId, startedAt, title, body }: Ended, open: (threadId: string) => void): void {
  if (!document.hidden || Date.now() - Date.parse(startedAt) < LONG_MS) return;
  dot(true);
  if (!canNotify || Notification.permission !== "granted") return;
  // the tag: several tabs of one person say it once
  const notice = new Notification(title, { body, tag: threadId, icon: "/favicon.svg" });
  notice.onclick = () => {
    window.focus();
    open(threadId);
    notice.close();
  };
}

function dot(shown: boolean): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link) link.href = shown ? "/favicon-news.svg" : "/favicon.svg";
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) dot(false);
});
