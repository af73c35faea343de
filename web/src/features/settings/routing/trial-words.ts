import { useLingui } from "@lingui/react/macro";
import type { TrialReport } from "@/api/types";
import { count } from "@/lib/format";
import { duration, percent, signed } from "../savings/words";
import { money } from "../usage/words";

export interface Row {
  name: string;
  trial: string;
  control: string;
  difference?: string;
}

type Halted = NonNullable<TrialReport["halted"]>;
type Difference = TrialReport["differences"][number];

/** The figures of both arms in their order, each with how they differ. */
export function useTrialRows(): (report: TrialReport) => Row[] {
  const { t, i18n } = useLingui();
  return ({ arms, differences }) => {
    const [trial, control] = arms;
    if (!trial || !control) return [];
    const part = (value: number) => percent(i18n, value, 1);
    const time = (ms: number | null) => (ms === null ? "–" : duration(i18n, ms));
    const later = (ms: number) => (ms < 0 ? `−${duration(i18n, -ms)}` : duration(i18n, ms));
    const usd = (value: number | null) => (value === null ? "–" : money(i18n, value));
    const between = (figure: Difference["figure"], words: (value: number) => string) => {
      const one = differences.find((difference) => difference.figure === figure);
      if (!one) return undefined;
      const by = words(one.by);
      if (one.low == null || one.high == null) return t`difference: ${by}`;
      const low = words(one.low);
      const high = words(one.high);
      return t`difference: ${by} (${low} to ${high})`;
    };
    const shares = (of: "failed" | "disliked" | "premium") => ({
      trial: percent(i18n, trial[of].share, 1),
      control: percent(i18n, control[of].share, 1),
    });
    const people = { trial: count(i18n, trial.people), control: count(i18n, control.people) };
    const calls = { trial: count(i18n, trial.calls), control: count(i18n, control.calls) };
    const cost = { trial: usd(trial.cost_usd), control: usd(control.cost_usd) };
    const half = { trial: time(trial.p50_ms), control: time(control.p50_ms) };
    const most = { trial: time(trial.p95_ms), control: time(control.p95_ms) };
    return [
      { name: t`People`, ...people },
      { name: t`Calls`, ...calls },
      { name: t`Answered by the premium tier`, ...shares("premium"), difference: between("premium", part) },
      { name: t`Cost of a call`, ...cost, difference: between("cost", (value) => signed(i18n, value)) },
      { name: t`Failed`, ...shares("failed"), difference: between("failures", part) },
      { name: t`Disliked in the chat`, ...shares("disliked"), difference: between("disliked", part) },
      { name: t`Half of the answers within`, ...half, difference: between("p50", later) },
      { name: t`95% of the answers within`, ...most, difference: between("p95", later) },
    ];
  };
}

/** Why a trial was halted. */
export function useHaltedWords(): (halted: Halted) => string {
  const { t, i18n } = useLingui();
  return ({ figure, trial, control }) => {
    const shares = [percent(i18n, trial, 1), percent(i18n, control, 1)];
    const usd = [money(i18n, trial), money(i18n, control)];
    const times = [duration(i18n, trial), duration(i18n, control)];
    const words: Record<Halted["figure"], string> = {
      failures: t`${shares[0]} of its calls failed, of the others ${shares[1]}.`,
      disliked: t`${shares[0]} of its answers were disliked, of the others ${shares[1]}.`,
      cost: t`A call cost ${usd[0]}, one of the others ${usd[1]}.`,
      latency: t`95% of its answers came within ${times[0]}, of the others within ${times[1]}.`,
    };
    return words[figure];
  };
}
