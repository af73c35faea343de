import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { setFromHistory, startRun, useAskedThen } from "@/api/evals";
import { findModel, useModels } from "@/api/models";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { ModelButton } from "@/features/picker/model-button";
import { Choice } from "../choice";
import { useRefName } from "./words";

const DAYS = ["1", "7", "30"] as const;
type Days = (typeof DAYS)[number];

interface TryCardProps {
  judge: string | null;
  onStarted: (runId: string) => void;
}

/** A model, a time, a button: one's own questions of that time are asked again. */
export function TryCard({ judge, onStarted }: TryCardProps) {
  const { t } = useLingui();
  const report = useReport();
  const refName = useRefName();
  const { data: models } = useModels();
  const [picked, setPicked] = useState<string>();
  const [days, setDays] = useState<Days>("7");
  const [busy, setBusy] = useState(false);
  const asked = useAskedThen(Number(days));
  const judgeName = judge && refName(judge);
  const questions = asked.data?.items.length ?? 0;
  const inHouse = asked.data?.items.filter((item) => item.in_house).length ?? 0;
  const periods: Record<Days, string> = { 1: t`24 hours`, 7: t`7 days`, 30: t`30 days` };
  const run = async () => {
    if (!picked || busy) return;
    setBusy(true);
    try {
      const name = refName(picked);
      const period = periods[days];
      const made = await setFromHistory(t`${name} on my last ${period}`, Number(days));
      onStarted((await startRun(made.id, [picked])).id);
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card pad try-model" aria-labelledby="try-model">
      <div>
        <h2 id="try-model">
          <Trans>Try a model on your own questions</Trans>
        </h2>
        <p className="quiet">
          <Trans>
            It answers them again, and a judge compares each answer with the one you got, without knowing
            which is which.
          </Trans>
        </p>
      </div>
      <div className="try-line">
        <ModelButton model={findModel(models, picked)} onPick={setPicked} />
        <Choice
          label={t`Questions of the last`}
          value={days}
          onChange={setDays}
          options={DAYS.map((value) => ({ value, label: periods[value] }))}
        />
        <Button
          variant="primary"
          disabled={!picked || !questions || busy}
          aria-describedby="try-count"
          onClick={() => void run()}
        >
          <Trans>Run</Trans>
        </Button>
      </div>
      <p id="try-count" className="hint sm" aria-live="polite">
        {asked.data === undefined ? (
          <Trans>Looking for your questions…</Trans>
        ) : questions === 0 ? (
          <Trans>In this time you asked nothing that can be asked again.</Trans>
        ) : (
          <>
            <Plural value={questions} one="# question" other="# questions" />
            {inHouse ? (
              <>
                {" · "}
                <Plural
                  value={inHouse}
                  one="# of a chat that is kept in the house, which no model outside is asked"
                  other="# of chats that are kept in the house, which no model outside is asked"
                />
              </>
            ) : null}
            {" · "}
            {judgeName ? (
              <Trans>judge: {judgeName}</Trans>
            ) : (
              <Trans>
                nobody can judge: there is no model in the house besides demonstrations. Connect a larger one
                or a provider.
              </Trans>
            )}
          </>
        )}
      </p>
    </section>
  );
}
