import type { ReactNode } from "react";

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
  return (
    <section className={`card way ${first ? "is-ready" : ""}`} aria-label={name}>
      <div className="way-head">
        <span className={`way-icon ${where}`}>{icon}</span>
        <h2>{name}</h2>
        {state}
      </div>
      {children}
    </section>
  );
}
