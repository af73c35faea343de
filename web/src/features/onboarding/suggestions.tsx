import "@/styles/welcome.css";
import { useLingui } from "@lingui/react/macro";

/** A few things to ask, under the composer of an empty page. */
export function Suggestions({ onPick }: { onPick: (text: string) => void }) {
  const { t } = useLingui();
  const ideas = [
    t`Make this e-mail friendlier: `,
    t`Explain what a heat pump is`,
    t`Plan a weekend in Lisbon with children`,
  ];
  return (
    <ul className="tries" aria-label={t`Suggestions`}>
      {ideas.map((idea) => (
        <li key={idea}>
          <button type="button" className="toggle" onClick={() => onPick(idea)}>
            {idea.trim().replace(/[:：]$/, "")}
          </button>
        </li>
      ))}
    </ul>
  );
}
