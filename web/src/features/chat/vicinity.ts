/** Which messages are close enough to the view to be drawn: a long chat has thousands, and each costs 100 kB. */
import { createContext, type RefObject, startTransition } from "react";
import { useArtifacts } from "@/features/artifacts/state";

/** So far above and below the view messages are drawn, in pixels: a fling of the wheel does not outrun it. */
const MARGIN = 2000;

/** The browser itself keeps in place what one reads when something above it grows; Safari does not. */
export const KEEPS_PLACE = CSS.supports("overflow-anchor", "auto");

/** Called with null when a message comes near, with its height in pixels when it went away. */
type Tell = (height: number | null) => void;

/** One for each thread that is shown. */
export class Vicinity {
  private observer: IntersectionObserver | undefined;
  private readonly told = new Map<Element, Tell>();
  /** Far away, but somebody is at them. */
  private readonly held = new Set<Element>();

  constructor(readonly view: RefObject<HTMLElement | null>) {}

  /** Tells whenever `element` comes near or goes away. Returns what ends that. */
  watch(element: Element, tell: Tell): () => void {
    this.observer ??= new IntersectionObserver((entries) => this.take(entries), {
      root: this.view.current,
      rootMargin: `${MARGIN}px 0px`,
    });
    this.told.set(element, tell);
    this.observer.observe(element);
    return () => {
      this.told.delete(element);
      this.held.delete(element);
      this.observer?.unobserve(element);
    };
  }

  private take(entries: IntersectionObserverEntry[]): void {
    startTransition(() => {
      for (const { target, isIntersecting } of entries) {
        this.held.delete(target);
        if (isIntersecting) this.told.get(target)?.(null);
        else this.held.add(target);
      }
      for (const element of this.held) {
        if (isUsed(element)) continue;
        this.held.delete(element);
        this.told.get(element)?.(element.getBoundingClientRect().height);
      }
    });
  }
}

export const VicinityContext = createContext<Vicinity | null>(null);

/** Whether somebody is at it: the focus or a selection is in it, it is written or edited, something of it is open. */
function isUsed(element: Element): boolean {
  const selection = document.getSelection();
  return (
    element.contains(document.activeElement) ||
    (selection !== null && !selection.isCollapsed && selection.containsNode(element, true)) ||
    element.querySelector('[aria-busy="true"], .edit-box, [aria-haspopup][aria-expanded="true"]') !== null ||
    element.querySelector(`[data-message="${useArtifacts.getState().opened?.messageId}"]`) !== null ||
    document.querySelector('[role="dialog"]') !== null
  );
}
