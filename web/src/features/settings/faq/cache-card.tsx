import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { clearCache, useCache } from "@/api/faq";
import type { CacheInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { count } from "@/lib/format";
import { duration } from "../format";
import { Loaded, Setting } from "../page";

/** The cache of answers as freehold.yaml sets it up, and what is calibrated for questions in other words. */
export function CacheCard() {
  const query = useCache();
  return (
    <section aria-labelledby="cache">
      <div className="section-head first">
        <div className="grow">
          <h2 id="cache" className="big">
            <Trans>Answers given before</Trans>
          </h2>
          <p className="hint sm">
            <Trans>
              The cache gives an answer again to the same question. It is set up in freehold.yaml, under
              cache.
            </Trans>
          </p>
        </div>
        <Clear />
      </div>
      <Loaded query={query} bones={[50, 42]}>
        {(cache) => <Facts cache={cache} />}
      </Loaded>
    </section>
  );
}

function Facts({ cache }: { cache: CacheInfo }) {
  const { t, i18n } = useLingui();
  const modes = { off: t`off`, on_request: t`on request, over the API`, always: t`always, over the API` };
  const shares = {
    key: t`one API key`,
    user: t`one person`,
    server: t`everybody in the same groups`,
  };
  const keptFor = duration(cache.ttl_seconds, i18n.locale);
  return (
    <div className="card px-5">
      <Setting name={<Trans>Given again</Trans>}>{modes[cache.mode]}</Setting>
      {cache.mode === "off" ? null : (
        <>
          <Setting name={<Trans>In chats</Trans>}>{cache.chat ? t`on` : t`off`}</Setting>
          <Setting name={<Trans>Shared by</Trans>}>{shares[cache.share]}</Setting>
          <Setting name={<Trans>Kept for</Trans>}>
            {keptFor}
            {cache.store === "redis" ? t`, in Redis` : t`, in the database`}
          </Setting>
          <Semantic cache={cache} />
        </>
      )}
    </div>
  );
}

function Semantic({ cache: { semantic } }: { cache: CacheInfo }) {
  const { t, i18n } = useLingui();
  const names: Record<string, string> = { en: t`English`, zh: t`Chinese` };
  const languages = Object.keys(names);
  const measured = (language: string) => {
    const found = semantic.languages.find((one) => one.language === language);
    if (!found) return t`off, not calibrated`;
    if (found.threshold === null) return t`off, no threshold is safe`;
    const threshold = i18n.number(found.threshold, { minimumFractionDigits: 2 });
    const wrong = i18n.number(found.wrong / found.near, { style: "percent", maximumFractionDigits: 2 });
    const near = count(i18n, found.near);
    return t`on from ${threshold}; ${wrong} of ${near} near misses wrong`;
  };
  return (
    <>
      <Setting
        name={<Trans>Questions in other words</Trans>}
        hint={semantic.enabled ? semantic.encoder : undefined}
      >
        {semantic.enabled ? t`on` : t`off`}
      </Setting>
      {semantic.enabled
        ? languages.map((language) => (
            <Setting key={language} name={names[language]}>
              {measured(language)}
            </Setting>
          ))
        : null}
    </>
  );
}

function Clear() {
  const { t } = useLingui();
  const report = useReport();
  const [asking, setAsking] = useState(false);
  const clear = async () => {
    await clearCache();
    toast(t`Every cached answer is forgotten.`);
  };
  return (
    <>
      <Button small onClick={() => setAsking(true)}>
        <Trans>Forget all</Trans>
      </Button>
      {asking ? (
        <Confirm
          open
          onOpenChange={() => setAsking(false)}
          title={<Trans>Forget every cached answer?</Trans>}
          action={<Trans>Forget all</Trans>}
          onConfirm={() => void clear().catch(report)}
        >
          <Trans>The next time the same is asked, the model answers. Curated answers stay.</Trans>
        </Confirm>
      ) : null}
    </>
  );
}
