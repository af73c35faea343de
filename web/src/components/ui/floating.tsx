/**
 * What floats (menus, dialogs, tooltips, toasts) is not in the first page: it comes at the first sign of a person, or when
 * the first of it is asked for. Until then a trigger is a plain button.
 */
import {
  type ComponentType,
  cloneElement,
  type ReactElement,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";

type Floating = typeof import("./floating/all");

const AGAIN_AFTER_MS = 1000;

let loaded: Floating | undefined;
let loading: Promise<Floating> | undefined;
const waiting = new Set<() => void>();

export function loadFloating(): Promise<Floating> {
  loading ??= import("./floating/all").then(
    (all) => {
      loaded = all;
      for (const tell of waiting) tell();
      return all;
    },
    (error) => {
      loading = undefined; // the line may be back at the next try
      throw error;
    },
  );
  return loading;
}

/** Does it with the parts as soon as they are here, be it much later because the line is down. */
export function whenFloating(act: (all: Floating) => void): void {
  if (loaded) {
    act(loaded);
    return;
  }
  const later = () => {
    waiting.delete(later);
    if (loaded) act(loaded);
  };
  waiting.add(later);
  void loadFloating().catch(ignored);
}

/** For what is only ever drawn inside of something that floats. */
export function floating(): Floating {
  if (!loaded) throw new Error("drawn outside of a menu");
  return loaded;
}

function subscribe(tell: () => void): () => void {
  waiting.add(tell);
  return () => waiting.delete(tell);
}

/** The parts once they are here; `wanted` fetches them. */
export function useFloating(wanted: boolean): Floating | undefined {
  const all = useSyncExternalStore(subscribe, () => loaded);
  useEffect(() => {
    if (wanted) void loadFloating().catch(ignored);
  }, [wanted]);
  return all;
}

/** Tooltips and toasts; once in the app. */
export function FloatingRoot() {
  const all = useFloating(false);
  useEffect(() => {
    const ends = new AbortController();
    let resting = false; // a pointer that moves must not ask a server that is away a hundred times a second
    const fetch = () => {
      if (resting) return;
      resting = true;
      loadFloating().then(
        () => ends.abort(),
        () => setTimeout(() => (resting = false), AGAIN_AFTER_MS),
      );
    };
    for (const sign of ["pointermove", "pointerdown", "keydown"])
      addEventListener(sign, fetch, { signal: ends.signal, passive: true });
    return () => ends.abort();
  }, []);
  return all ? (
    <>
      <all.Tips />
      <all.Toasts />
    </>
  ) : null;
}

interface Opened {
  trigger: ReactElement;
  open?: boolean;
  defaultOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** The component that `pick` takes of the parts; a click on its plain trigger fetches them and opens it. */
export function fromTrigger<Props extends Opened>(
  pick: (all: Floating) => ComponentType<Props>,
  haspopup: "menu" | "dialog",
): ComponentType<Props> {
  return function FromTrigger(props: Props) {
    const [use, setUse] = useState<{ opened: boolean } | null>(loaded ? { opened: false } : null);
    if (use) {
      const Part = pick(floating());
      return <Part {...props} defaultOpen={props.open === undefined && use.opened} />;
    }
    const open = async () => {
      await loadFloating();
      setUse({ opened: true });
      props.onOpenChange?.(true);
    };
    return cloneElement(props.trigger as ReactElement<Record<string, unknown>>, {
      onClick: () => void open().catch(ignored),
      "aria-haspopup": haspopup,
      "aria-expanded": false,
    });
  };
}

/** Without the parts nothing opens, and the next click tries again; that the line is down is said elsewhere. */
function ignored(): void {}
