import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Menu as MenuIcon, PanelLeft, SquarePen } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { useKeysLabel } from "@/features/commands/use-keys";
import { useIsNarrow, useIsPhone } from "@/lib/media";
import { useShell } from "./state";

/** The top line of a chat page: the way to the sidebar, a title, actions. On a phone, new chat stands at its end. */
export function Header({ children, actions }: { children?: ReactNode; actions?: ReactNode }) {
  const { t } = useLingui();
  const narrow = useIsNarrow();
  const phone = useIsPhone();
  const keys = useKeysLabel("sidebar.toggle");
  const { sidebarOpen, setSidebar, setDrawer } = useShell();
  return (
    <header className="header">
      {narrow || !sidebarOpen ? (
        <IconButton
          label={t`Show sidebar`}
          keys={keys}
          onClick={() => (narrow ? setDrawer(true) : setSidebar(true))}
        >
          {narrow ? <MenuIcon className="i-20" /> : <PanelLeft />}
        </IconButton>
      ) : null}
      {children}
      <span className="grow" />
      {actions}
      {phone || !sidebarOpen ? (
        <Link to="/" className="icon-btn" aria-label={t`New chat`} title={t`New chat`}>
          <SquarePen className={phone ? "i-20" : ""} />
        </Link>
      ) : null}
    </header>
  );
}
