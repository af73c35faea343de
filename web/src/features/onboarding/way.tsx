import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { useIsPhone } from "@/lib/media";

interface WayProps {
  icon: ReactNode;
  where: "in" | "out";
  name: string;
  state?: ReactNode;
  /** The way to begin with: it may carry the one pine button. */
  first?: boolean;
  children: ReactNode;
}

/** One of the ways to a first answer. */
export function Way({ icon, where, name, state, first, children }: WayProps) {
  const phone = useIsPhone();
  const head = (
    <>
      <span className={`way-icon ${where}`}>{icon}</span>
      <h2>{name}</h2>
      {state}
    </>
  );
  const look = `card way ${first ? "is-ready" : ""}`;
  // one below the other they would push the composer out of sight: each opens on a touch
  return phone ? (
    <details className={look} name="ways">
      <summary className="way-head">
        {head}
        <ChevronDown className="i-14 way-open" />
      </summary>
      {children}
    </details>
  ) : (
    <section className={look} aria-label={name}>
      <div className="way-head">{head}</div>
      {children}
    </section>
  );
}
