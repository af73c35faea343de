/** Where the keyboard goes on when what it was on goes away: an answer that is replaced, a box that closes. */

/** The controls of a message that are gone back to. */
export type Control = "previous" | "next" | "edit" | "more";

/** How long something may take to be drawn: a turn goes to the server first. */
const PATIENCE_MS = 10_000;
/** A menu that closes gives the focus back to its button, a little later when the machine is busy. */
const SETTLE_MS = 400;

/** Which request for the focus is the last one: an earlier one is over, also while what it found settles. */
let latest = 0;

/**
 * Puts the focus on what `find` gives as soon as that is drawn. Not when the reader went elsewhere meanwhile; the menu or the
 * notice in which this was asked for closes first.
 */
export function focusOn(find: () => HTMLElement | null | undefined): void {
  latest += 1;
  const mine = latest;
  const asked = document.activeElement;
  const opener = document.querySelector(":not(.floating *)[aria-haspopup='menu'][aria-expanded='true']");
  const isFree = (at: Element | null) =>
    !at || at === document.body || at === opener || at === asked || at.closest(".floating, .toasts") !== null;
  const end = performance.now() + PATIENCE_MS;
  let settled = end;
  let found: HTMLElement | null | undefined;
  const step = () => {
    const at = document.activeElement;
    const now = performance.now();
    if (found && !found.isConnected) {
      // what was found was drawn anew, as news of the server came
      found = null;
      settled = end;
    }
    if (mine !== latest || now > end || !(at === found || isFree(at))) return;
    if (at !== found) {
      if (now > settled) return;
      const target = find();
      if (target) {
        if (!found) settled = now + SETTLE_MS;
        found = target;
        target.focus({ preventScroll: target.tabIndex < 0 });
      }
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

const articles = () => [...document.querySelectorAll<HTMLElement>("article[data-message]")];

function controlOf(article: HTMLElement | undefined, ...wanted: Control[]): HTMLElement | undefined {
  // one that is too far away to be drawn comes near
  if (article?.matches(".is-away")) article.scrollIntoView({ block: "center", behavior: "instant" });
  for (const control of wanted) {
    const found = article?.querySelector<HTMLElement>(`[data-control="${control}"]`);
    if (found) return found;
  }
  return undefined;
}

/** The control of the message with this id, or "more" where it lacks it, as on a phone. */
export function focusMessage(id: string, control: Control): void {
  focusOn(() =>
    controlOf(
      articles().find((article) => article.dataset.message === id),
      control,
      "more",
    ),
  );
}

/** The message itself: what is being written has no controls yet. */
export function focusWriting(id: string): void {
  focusOn(() => articles().find((article) => article.dataset.message === id));
}

/** The answer that is about to be written in the place of the present ones. */
export function focusNewAnswer(parentId: string | null): void {
  const known = new Set(articles().map((article) => article.dataset.message));
  focusOn(() =>
    articles().find(
      ({ dataset }) => dataset.parent === (parentId ?? "") && dataset.message && !known.has(dataset.message),
    ),
  );
}

/** One's own message that is about to be sent in the place of another version. */
export function focusNewVersion(parentId: string | null): void {
  const known = new Set(["pending", ...articles().map((article) => article.dataset.message)]);
  focusOn(() =>
    controlOf(
      articles().find(({ dataset }) => dataset.parent === (parentId ?? "") && !known.has(dataset.message)),
      "edit",
      "more",
    ),
  );
}

/** After `id` went: the version that stands there now, else what stood above it, else where one writes. */
export function focusAfter(id: string, parentId: string | null): void {
  focusOn(() => {
    const left = articles();
    if (left.some((article) => article.dataset.message === id)) return null;
    const other = left.find((article) => article.dataset.parent === (parentId ?? ""));
    const above = left.find((article) => article.dataset.message === parentId);
    return controlOf(other ?? above, "more") ?? document.querySelector<HTMLElement>(".composer-text");
  });
}

/** Where one writes, behind what stands there once it is drawn. */
export function focusComposer(): void {
  requestAnimationFrame(() => {
    const area = document.querySelector<HTMLTextAreaElement>(".composer-text");
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    area?.scrollTo({ top: area.scrollHeight });
  });
}
