import { useLingui } from "@lingui/react/macro";
import { Brain } from "lucide-react";
import type { ReasoningEffort } from "@/api/types";
import { Menu, MenuChoice } from "@/components/ui/menu";

type Choice = ReasoningEffort | "auto";

/** How long it may be, in words. */
export function useEffortNames(): Record<Choice, string> {
  const { t } = useLingui();
  return {
    auto: t`As the model likes`,
    off: t`Off`,
    low: t`Briefly`,
    medium: t`Normally`,
    high: t`At length`,
  };
}

/** How long the model may think. Only shown for models that reason. */
export function EffortMenu({
  value,
  onChange,
}: {
  value: ReasoningEffort | null;
  onChange: (value: ReasoningEffort | null) => void;
}) {
  const { t } = useLingui();
  const names = useEffortNames();
  const options = (Object.keys(names) as Choice[]).map((choice) => ({ value: choice, label: names[choice] }));
  return (
    <Menu
      side="top"
      align="start"
      trigger={
        <button
          type="button"
          className="toggle"
          aria-pressed={value !== null && value !== "off"}
          aria-label={t`Thinking: ${names[value ?? "auto"]}`}
        >
          <Brain />
          <span className="only-wide">{value === null ? t`Thinking` : names[value]}</span>
        </button>
      }
    >
      <MenuChoice
        label={t`Thinking`}
        value={value ?? "auto"}
        onChange={(next: Choice) => onChange(next === "auto" ? null : next)}
        options={options}
      />
    </Menu>
  );
}
