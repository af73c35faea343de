import { Tooltip } from "@base-ui/react/tooltip";
import { useEffect, useState } from "react";

/** Milliseconds on a control before its tooltip shows; the next one follows at once while one is shown. */
const REST = 400;
/** Milliseconds to get from the control to the tooltip, which may be pointed at as well (WCAG 1.4.13). */
const GRACE = 120;

interface Shown {
  control: HTMLElement;
  label: string;
  keys: string | undefined;
  side: "top" | "bottom" | "left" | "right";
}

/** One tooltip for every control with `data-tip`: its name, as an icon alone does not say it. */
export function Tips() {
  const [shown, setShown] = useState<Shown | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => watch(setShown, setOpen), []);
  return (
    <Tooltip.Root open={open && shown !== null} onOpenChange={setOpen}>
      <Tooltip.Portal>
        <Tooltip.Positioner anchor={shown?.control} side={shown?.side} sideOffset={6} className="floating">
          <Tooltip.Popup className="tip">
            {shown?.label}
            {shown?.keys ? <span className="kbd">{shown.keys}</span> : null}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

const controlOf = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;

/** Listens on the document until the returned function is called. */
function watch(setShown: (shown: Shown) => void, setOpen: (open: boolean) => void): () => void {
  let timer = 0;
  let open = false;
  let current: HTMLElement | null = null;
  const later = (wait: number, then: () => void) => {
    clearTimeout(timer);
    timer = window.setTimeout(then, wait);
  };
  const show = (control: HTMLElement) => {
    if (control.ariaExpanded === "true") return; // it would lie over what it opened
    open = true;
    const { tip, tipKeys } = control.dataset;
    setShown({
      control,
      label: control.ariaLabel ?? "",
      keys: tipKeys || undefined,
      side: (tip || "bottom") as Shown["side"],
    });
    setOpen(true);
  };
  const hide = () => {
    clearTimeout(timer);
    open = false;
    setOpen(false);
  };
  const over = ({ target, pointerType }: PointerEvent) => {
    const control = controlOf(target);
    if (pointerType !== "mouse" || control === current) return;
    if (target instanceof Element && target.closest(".tip")) {
      clearTimeout(timer);
      return;
    }
    current = control;
    if (control) later(open ? 0 : REST, () => control.isConnected && show(control));
    else if (open) later(GRACE, hide);
    else clearTimeout(timer);
  };
  const focused = ({ target }: FocusEvent) => {
    const control = controlOf(target);
    if (control?.matches(":focus-visible")) show(control);
  };
  const key = ({ key }: KeyboardEvent) => {
    if (key === "Escape") hide();
  };
  const ends = new AbortController();
  const { signal } = ends;
  document.addEventListener("pointerover", over, { signal });
  document.addEventListener("focusin", focused, { signal });
  document.addEventListener("focusout", hide, { signal });
  document.addEventListener("pointerdown", hide, { signal });
  document.addEventListener("click", hide, { signal }); // Enter and Space are clicks too
  document.addEventListener("keydown", key, { signal });
  document.addEventListener("scroll", hide, { signal, capture: true, passive: true });
  // somebody was there before this was
  current = document.querySelector<HTMLElement>("[data-tip]:hover");
  const first = current ?? document.querySelector<HTMLElement>("[data-tip]:focus-visible");
  if (first) later(REST, () => first.isConnected && show(first));
  return () => {
    clearTimeout(timer);
    ends.abort();
  };
}
