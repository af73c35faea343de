import { Trans } from "@lingui/react/macro";
import { ChevronDown, ChevronsDownUp, ChevronsUpDown, ChevronUp } from "lucide-react";
import { type ReactNode, useId } from "react";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { MenuItem } from "@/components/ui/menu";
import { useIsSelecting } from "../select/state";
import { textOf } from "../tree";
import { isLong, setCollapsed, useCollapsed } from "./collapse";

interface LongProps {
  message: Message;
  className: string;
  children: ReactNode;
}

/** The words of a message; of a collapsed one the first lines, and the way to the others. */
export function Long({ message, className, children }: LongProps) {
  const id = useId();
  const collapsed = useCollapsed(message);
  const selecting = useIsSelecting(message.thread_id);
  const own = message.role === "user";
  const open = () => setCollapsed(message.id, false);
  const toggle = () => (collapsed ? open() : collapse(message.id));
  return (
    <>
      {/* what the browser's search or the focus finds inside of it moves it */}
      <div
        id={id}
        dir="auto"
        className={`${className} ${collapsed ? "is-folded" : ""}`}
        onScroll={collapsed ? open : undefined}
      >
        {children}
      </div>
      {collapsed || (own && isLong(textOf(message))) ? (
        <div className={own ? "row justify-end" : "row"} inert={selecting}>
          <Button variant="ghost" small aria-expanded={!collapsed} aria-controls={id} onClick={toggle}>
            {collapsed ? <Trans>Show all</Trans> : <Trans>Show less</Trans>}
            {collapsed ? <ChevronDown className="i-14" /> : <ChevronUp className="i-14" />}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** Collapses it, and keeps its beginning in view: what one looked at was its end. */
function collapse(id: string): void {
  setCollapsed(id, true);
  const show = () => {
    const article = document.querySelector(`article[data-message="${CSS.escape(id)}"]`);
    const view = article?.closest(".thread");
    if (!article || !view) return;
    const above = article.getBoundingClientRect().top < view.getBoundingClientRect().top;
    article.scrollIntoView({ block: above ? "start" : "nearest", behavior: "instant" });
  };
  // after the next frame, in which the view goes to the end where that is followed
  requestAnimationFrame(() => requestAnimationFrame(show));
}

/** Collapses a long answer to its first lines, or opens it. */
export function CollapseItem({ message }: { message: Message }) {
  const collapsed = useCollapsed(message);
  if (!isLong(textOf(message))) return null;
  return (
    <MenuItem
      icon={collapsed ? <ChevronsUpDown /> : <ChevronsDownUp />}
      onSelect={() => (collapsed ? setCollapsed(message.id, false) : collapse(message.id))}
    >
      {collapsed ? <Trans>Show all</Trans> : <Trans>Show less</Trans>}
    </MenuItem>
  );
}
