import { Trans, useLingui } from "@lingui/react/macro";
import { RefreshCw, Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { addModel, listAgain } from "@/api/providers";
import type { ModelInfo, ProviderInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { useSayFailure } from "./failure";
import { ModelRow } from "./model-row";
import { useOpenPrice } from "./price-cell";
import { PriceForm } from "./price-form";

/** More than this and a search field appears. */
const MANY = 12;
/** So many rows at first; drawing hundreds of switches at once is felt. */
const SHOWN = 60;

interface ModelsProps {
  provider: ProviderInfo;
  models: ModelInfo[];
}

/** What the provider offers; those in use come first when the page opens, and stay where they are after. */
export function Models({ provider, models }: ModelsProps) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [words, setWords] = useState("");
  const [all, setAll] = useState(false);
  const [listing, setListing] = useState(false);
  const [price, showPrice] = useOpenPrice();
  const [inUseFirst] = useState(() => new Set(models.filter((item) => item.enabled).map((item) => item.id)));

  const here = models.filter((item) => item.installed);
  const used = here.filter((item) => item.enabled).length;
  const total = here.length;
  const wanted = words.trim().toLowerCase();
  const found = here
    .filter((item) => !wanted || `${item.id} ${item.name}`.toLowerCase().includes(wanted))
    .sort((one, other) => Number(inUseFirst.has(other.id)) - Number(inUseFirst.has(one.id)));
  // it may be opened from elsewhere, with its row out of sight
  const open = provider.self_hosted ? undefined : here.find((item) => item.id === price);
  const shown = all ? found : found.slice(0, SHOWN);
  const again = async () => {
    setListing(true);
    await listAgain(provider.id).catch(say);
    setListing(false);
  };
  return (
    <section aria-labelledby="models-title">
      <div className="section-head">
        <h2 id="models-title">
          <Trans>Models</Trans>
        </h2>
        {total ? (
          <span className="hint">
            <Trans>
              {used} of {total} in use
            </Trans>
          </span>
        ) : null}
        <span className="grow" />
        <Button small variant="ghost" className="is-end" disabled={listing} onClick={() => void again()}>
          <RefreshCw className={`i-14 ${listing ? "spin" : ""}`} />
          <Trans>List again</Trans>
        </Button>
      </div>
      {total > MANY ? (
        <TextField
          className="mb-3"
          label={t`Search the models`}
          hideLabel
          type="search"
          placeholder={t`Search ${total} models`}
          before={<Search className="i-14" aria-hidden="true" />}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      ) : null}
      {shown.length ? (
        <Table provider={provider} models={shown} />
      ) : (
        <NoModels provider={provider} searched={Boolean(wanted)} />
      )}
      <div className="section-foot">
        {found.length > shown.length ? (
          <Button small onClick={() => setAll(true)}>
            <Trans>Show all {found.length}</Trans>
          </Button>
        ) : null}
      </div>
      {provider.manages_models || provider.origin === "builtin" ? null : <AddById provider={provider} />}
      {open ? <PriceForm key={open.id} provider={provider} model={open} onClose={() => showPrice()} /> : null}
    </section>
  );
}

function NoModels({ provider, searched }: { provider: ProviderInfo; searched: boolean }) {
  return (
    <p className="quiet">
      {searched ? (
        <Trans>No model has these words in its name.</Trans>
      ) : provider.manages_models ? (
        <Trans>No model is here yet. Download one above.</Trans>
      ) : (
        <Trans>No model is known yet. Check the provider, or add one by its id.</Trans>
      )}
    </p>
  );
}

function Table({ provider, models }: ModelsProps) {
  const sized = provider.self_hosted;
  return (
    <div className="table-wrap">
      <table className="models">
        <thead>
          <tr>
            <th scope="col">
              <Trans>Model</Trans>
            </th>
            <th scope="col">
              <Trans>Can</Trans>
            </th>
            <th scope="col" className="num">
              <Trans>Context</Trans>
            </th>
            <th scope="col" className="num">
              {sized ? <Trans>Size</Trans> : <Trans>In / out per million</Trans>}
            </th>
            <th scope="col" className="num">
              <Trans>Use</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <ModelRow key={model.id} provider={provider} model={model} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A model that the provider has but does not list. */
function AddById({ provider }: { provider: ProviderInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [id, setId] = useState("");
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = id.trim();
    if (!wanted) return;
    try {
      await addModel(provider.id, wanted);
      setId("");
      toast(t`${wanted} is in the list.`);
    } catch (error) {
      say(error);
    }
  };
  return (
    <form className="pull-new" onSubmit={(event) => void add(event)}>
      <TextField
        label={t`Add a model by its id`}
        hint={t`For one that is not in the list.`}
        className="mono-field"
        value={id}
        maxLength={400}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => setId(event.target.value)}
        after={
          <Button type="submit" variant="ghost" small className="field-add" disabled={!id.trim()}>
            <Trans>Add</Trans>
          </Button>
        }
      />
    </form>
  );
}
