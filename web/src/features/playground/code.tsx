import { useLingui } from "@lingui/react/macro";
import { CopyButton } from "@/features/markdown/copy-button";

interface CodeProps {
  label: string;
  text: string;
  /** Lines longer than the box go on in the next one: JSON and streams, whose lines have no end. */
  wrap?: boolean;
}

/** Text of a fixed width that scrolls, under its name and a button that copies it. */
export function Code({ label, text, wrap }: CodeProps) {
  const { t } = useLingui();
  return (
    <section className="code" aria-label={label}>
      <div className="code-head">
        <span className="grow">{label}</span>
        <CopyButton label={t`Copy: ${label}`} content={() => text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className={wrap ? "is-wrapped" : undefined}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
