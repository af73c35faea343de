import { Trans, useLingui } from "@lingui/react/macro";
import { RefreshCw, Search, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { addModel, listAgain, removeModel, switchModel } from "@/api/providers";
import type { ModelInfo, ProviderInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Switch } from "@/components/ui/switch";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { contextSize } from "@/lib/format";
import { bytes, dollars } from "../format";
import { Abilities } from "./abilities";
import { useSayFailure } from "./failure";

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
  const [inUseFirst] = useState(() => new Set(models.filter((item) => item.enabled).map((item) => item.id)));

  const here = models.filter((item) => item.installed);
  const used = here.filter((item) => item.enabled).length;
  const total = here.length;
  const wanted = words.trim().toLowerCase();
  const found = here
    .filter((item) => !wanted || `${item.id} ${item.name}`.toLowerCase().includes(wanted))
    .sort((one, other) => Number(inUseFirst.has(other.id)) - Number(inUseFirst.has(one.id)));
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
            <Row key={model.id} provider={provider} model={model} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ provider, model }: { provider: ProviderInfo; model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  return (
    <tr className={model.enabled ? "" : "is-off"}>
      <td className="name">
        {model.name}
        {model.name === model.id ? null : <small className="mono">{model.id}</small>}
      </td>
      <td>
        <Abilities of={model.abilities} />
      </td>
      <td className="num meta-cell" data-label={t`Context`}>
        {model.context_tokens ? contextSize(model.context_tokens) : null}
      </td>
      <td className="num meta-cell">
        {provider.self_hosted ? model.size_bytes ? bytes(model.size_bytes) : null : <Price model={model} />}
      </td>
      <td className="num">
        <span className="acts">
          {provider.manages_models ? (
            <DeleteModel model={model} />
          ) : model.manual ? (
            <ForgetModel model={model} />
          ) : null}
          <Switch
            label={t`Use ${model.name}`}
            checked={model.enabled}
            onChange={(enabled) => void switchModel(model, enabled).catch(say)}
          />
        </span>
      </td>
    </tr>
  );
}

function Price({ model: { prices } }: { model: ModelInfo }) {
  if (!prices || prices.input === null)
    return (
      <span className="quiet">
        <Trans>price unknown</Trans>
      </span>
    );
  if (prices.input === 0 && !prices.output) return <Trans>free</Trans>;
  const out = prices.output === null ? "?" : dollars(prices.output).slice(1);
  return `${dollars(prices.input)} / ${out}`;
}

function DeleteModel({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [asking, setAsking] = useState(false);
  const { name } = model;
  const size = model.size_bytes ? bytes(model.size_bytes) : null;
  const remove = async () => {
    await removeModel(model);
    toast(t`${name} is deleted.`);
  };
  return (
    <>
      <IconButton label={t`Delete ${name} from the disk`} onClick={() => setAsking(true)}>
        <Trash2 className="i-14" />
      </IconButton>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={<Trans>Delete {name}?</Trans>}
        action={<Trans>Delete</Trans>}
        onConfirm={() => void remove().catch(say)}
      >
        {size ? (
          <Trans>This frees {size} on the disk. It can be downloaded again.</Trans>
        ) : (
          <Trans>It can be downloaded again.</Trans>
        )}
      </Confirm>
    </>
  );
}

/** What was added by its id can be added again, so nothing is asked. */
function ForgetModel({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  return (
    <IconButton
      label={t`Take ${model.name} from the list`}
      onClick={() => void removeModel(model).catch(say)}
    >
      <Trash2 className="i-14" />
    </IconButton>
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
