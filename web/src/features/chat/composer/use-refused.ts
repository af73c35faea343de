import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { ApiError } from "@/api/errors";
import { toast } from "@/components/ui/toast";
import { loadRareSentences, useErrorText } from "@/features/errors/error-text";
import { useReport } from "@/features/errors/report";
import { EmptyFile, type Refused } from "./attachments";

/** So many are named. */
const NAMED = 3;

/** Says in one toast which files were not taken and what can be read; why each was not stands on its tile. */
export function useRefused(): (refused: Refused[]) => void {
  const { t, i18n } = useLingui();
  const report = useReport();
  const errorText = useErrorText();
  return (refused) => {
    const other = refused.find(({ error }) => !(error instanceof ApiError || error instanceof EmptyFile));
    if (other) return report(other.error); // not about the files
    void loadRareSentences().then(() => {
      const count = refused.length;
      const list = refused.slice(0, NAMED).map(({ name }) => name);
      const more = count - list.length;
      const names = new Intl.ListFormat(i18n.locale).format(more > 0 ? [...list, t`${more} more`] : list);
      const errors = refused.flatMap(({ error }) => (error instanceof ApiError ? [error.problem] : []));
      const what = [...new Set(errors.map((problem) => errorText(problem).what))].join(" ");
      const said = t`${plural(count, {
        one: `Not uploaded: ${names}. Its tile says why. ${what}`,
        other: `Not uploaded: ${names}. Their tiles say why. ${what}`,
      })}`;
      toast(said.trim(), { failed: true });
    });
  };
}
