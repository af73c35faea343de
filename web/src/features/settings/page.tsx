import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { Bones } from "@/components/ui/bones";
import { LoadFailed } from "@/features/errors/load-failed";
import { useIsPhone } from "@/lib/media";

interface PageProps {
  title: ReactNode;
  lead?: ReactNode;
  /** Stands at the end of the title line. */
  aside?: ReactNode;
  children: ReactNode;
}

/** One section of the settings with its title. */
export function Page({ title, lead, aside, children }: PageProps) {
  const phone = useIsPhone();
  const { t } = useLingui();
  return (
    <main className="main scroll detail" id="main">
      <header className="detail-head">
        {phone ? (
          <Link to="/settings" className="icon-btn back" aria-label={t`Back to settings`}>
            <ArrowLeft className="i-20" />
          </Link>
        ) : null}
        <div className="grow">
          <h1 className="serif">{title}</h1>
          {lead ? <p className="quiet">{lead}</p> : null}
        </div>
        {aside}
      </header>
      {children}
    </main>
  );
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  bones?: number[];
  children: (data: T) => ReactNode;
}

/** Bars of paper until the answer is there, a card with a way on when it does not come. */
export function Loaded<T>({ query, bones = [60, 44, 52], children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (!query.error) return <Bones widths={bones} className="settings-bones" />;
  return <LoadFailed query={query} />;
}

/** A line of settings: what it is and what it does on the left, the control on the right. */
export function Setting({
  name,
  hint,
  children,
}: {
  name: ReactNode;
  hint?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="setting">
      <div className="setting-text">
        <div className="setting-name">{name}</div>
        {hint ? <p className="hint sm">{hint}</p> : null}
      </div>
      <div className="setting-control">{children}</div>
    </div>
  );
}
