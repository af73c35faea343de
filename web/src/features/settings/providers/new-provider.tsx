import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { type FormEvent, useState } from "react";
import { addProvider, tryProvider } from "@/api/providers";
import type { CheckResult, ProviderNew, Vendor } from "@/api/types";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { Choice } from "../choice";
import { KeptEncrypted, KeyField } from "./key-field";
import { Outcome } from "./outcome";
import { DetailHead } from "./provider-detail";
import { isAddress, isPrivateAddress } from "./recognise";
import { vendorName } from "./vendor-name";

/** So many names of models are shown after a check; the page of the provider has them all. */
const NAMED = 6;

interface NewProviderProps {
  vendor: Vendor;
  /** What was pasted on the way here: a key or an address. */
  pasted: string;
}

/** Address and key of a new provider: first *Check*, then *Add*. */
export function NewProvider({ vendor, pasted }: NewProviderProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const text = pasted.trim();
  const [name, setName] = useState(() => firstName(vendor, text));
  const [address, setAddress] = useState(() => firstAddress(vendor, text));
  const [key, setKey] = useState(() => firstKey(text));
  const [chosenInHouse, setInHouse] = useState<boolean | null>(null);
  const [version, setVersion] = useState("");
  const [checked, setChecked] = useState<CheckResult | null>(null);
  const [thrown, setThrown] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const near = !runsElsewhere(vendor) && isPrivateAddress(address);
  const inHouse = chosenInHouse ?? (vendor.self_hosted || near);
  const wish = {
    kind: vendor.id,
    base_url: address.trim() || null,
    api_key: key.trim() || null,
    options: version.trim() ? { api_version: version.trim() } : {},
  };
  const forget = () => {
    setChecked(null);
    setThrown(null);
  };
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setThrown(null);
    await work().catch(setThrown);
    setBusy(false);
  };
  const check = () => run(async () => setChecked(await tryProvider(wish)));
  const add = (force: boolean) =>
    run(async () => {
      const body: ProviderNew = { ...wish, name: name.trim() || null, self_hosted: inHouse };
      const { provider } = await addProvider(body, force);
      toast(t`${provider.name} is connected.`);
      await navigate({
        to: "/settings/$section",
        params: { section: "providers" },
        search: { provider: provider.id },
      });
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) void (checked?.ok ? add(false) : check());
  };
  const failed = Boolean(thrown) || checked?.ok === false;
  return (
    <>
      <DetailHead name={vendorName(vendor)} provider={{ self_hosted: inHouse }} />
      <form className="form" onSubmit={submit}>
        <TextField
          label={t`Name`}
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t`Address`}
          className="mono-field"
          type="url"
          required
          spellCheck={false}
          maxLength={2000}
          placeholder="https://"
          value={address}
          onChange={(event) => {
            setAddress(event.target.value);
            forget();
          }}
        />
        {runsElsewhere(vendor) ? null : (
          <div className="wide">
            <span className="label">
              <Trans>Where it runs</Trans>
            </span>
            <Choice
              label={t`Where it runs`}
              value={inHouse ? "in" : "out"}
              onChange={(where) => setInHouse(where === "in")}
              options={[
                { value: "in", label: t`In the house` },
                { value: "out", label: t`Outside` },
              ]}
            />
          </div>
        )}
        {vendor.id === "azure" ? (
          <TextField
            label={t`API version`}
            placeholder="2024-10-21"
            value={version}
            onChange={(event) => setVersion(event.target.value)}
          />
        ) : null}
        <div className="wide">
          {vendor.manages_models && !vendor.needs_key ? null : (
            <>
              <KeyField
                value={key}
                onChange={(value) => {
                  setKey(value);
                  forget();
                }}
                optional={!vendor.needs_key}
                placeholder={vendor.key_prefixes[0] ? `${vendor.key_prefixes[0]}…` : undefined}
              />
              <KeptEncrypted />
              <KeyLink vendor={vendor} />
            </>
          )}
          <Outcome
            result={checked}
            thrown={thrown}
            tried={{ name: vendorName(vendor), address: wish.base_url }}
          />
          {checked?.ok ? <Offered result={checked} /> : null}
          <div className="row mt-5">
            <Button type="submit" variant="primary" disabled={busy}>
              {busy ? <Trans>One moment</Trans> : checked?.ok ? <Trans>Add</Trans> : <Trans>Check</Trans>}
            </Button>
            {failed ? (
              <Button variant="ghost" disabled={busy} onClick={() => void add(true)}>
                <Trans>Add anyway</Trans>
              </Button>
            ) : null}
          </div>
        </div>
      </form>
    </>
  );
}

/** A server without a vendor is called by its host. */
function firstName(vendor: Vendor, pasted: string): string {
  const own = vendor.id === "openai_compatible" && URL.canParse(pasted);
  return own ? new URL(pasted).host : vendorName(vendor);
}

function firstAddress(vendor: Vendor, pasted: string): string {
  return isAddress(pasted) ? pasted : (vendor.base_url ?? "");
}

/** A name that was searched for is no key. */
function firstKey(pasted: string): string {
  return isAddress(pasted) || pasted.length < 20 ? "" : pasted;
}

/** Vendors with an address of their own on the internet: there is nothing to choose. */
function runsElsewhere({ base_url: address, self_hosted: own }: Vendor): boolean {
  return Boolean(address) && !own && !/\/\/127\.0\.0\.1/.test(address ?? "");
}

function KeyLink({ vendor }: { vendor: Vendor }) {
  if (!vendor.api_key_url) return null;
  const name = vendorName(vendor);
  return (
    <p className="sm mt-2">
      <a
        className="inline-flex items-center gap-1"
        href={vendor.api_key_url}
        target="_blank"
        rel="noreferrer"
      >
        <Trans>Where {name} hands out keys</Trans>
        <ExternalLink className="i-14" />
      </a>
    </p>
  );
}

/** The models that will be on from the start. */
function Offered({ result }: { result: CheckResult }) {
  const models = result.models ?? [];
  const on = models.filter((model) => model.enabled && model.installed);
  const rest = models.length - Math.min(on.length, NAMED);
  return (
    <ul className="offer-list">
      {on.slice(0, NAMED).map((model) => (
        <li key={model.id} className="mono">
          {model.id}
        </li>
      ))}
      {rest > 0 && on.length ? (
        <li>
          <Trans>and {rest} more; each can be turned on and off afterwards</Trans>
        </li>
      ) : null}
    </ul>
  );
}
