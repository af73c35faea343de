import { useLingui } from "@lingui/react/macro";
import type { Run } from "@/api/types";

/** What was done with what must not leave the house, before this answer was asked for outside. */
export function Passed({ run }: { run: Run }) {
  const { t, i18n } = useLingui();
  const things = useHidden();
  const { passed } = run;
  if (!passed || passed.action === "none") return null;
  const classes = listed(passed.classes, i18n.locale);
  if (passed.action === "in_house")
    return <p className="sm quiet">{t`This holds ${classes}, so only models in the house were asked.`}</p>;
  const hidden = things(passed);
  if (run.self_hosted || !hidden) return null;
  return (
    <p className="sm quiet">
      {t`Hidden before this left the house, and put back into the answer: ${hidden}.`}
    </p>
  );
}

/** Items as one says them. */
export function listed(items: string[], locale: string): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(items);
}

/** The kinds of things that were hidden, with how many of each; "" for none. */
export function useHidden(): (passed: NonNullable<Run["passed"]>) => string {
  const { t, i18n } = useLingui();
  const kinds: Record<string, string> = {
    email: t`e-mail addresses`,
    phone: t`phone numbers`,
    bank_card: t`bank cards`,
    iban: t`bank accounts`,
    chinese_id: t`identity numbers`,
    passport: t`passports`,
    secret: t`keys and passwords`,
  };
  return (passed) =>
    listed(
      Object.entries(passed.hidden ?? {}).map(
        ([kind, count]) => `${kinds[kind] ?? kind} (${i18n.number(count)})`,
      ),
      i18n.locale,
    );
}
