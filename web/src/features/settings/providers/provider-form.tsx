import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { changeProvider, checkProvider, useVendors } from "@/api/providers";
import type { CheckResult, ProviderInfo, ProviderPatch } from "@/api/types";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { KeptEncrypted, KeyField } from "./key-field";
import { MoreOptions, type Options } from "./more-options";
import { Outcome } from "./outcome";

type Tried = { result?: CheckResult; thrown?: unknown } | null;

interface ProviderFormProps {
  provider: ProviderInfo;
  save: (work: Promise<unknown>) => Promise<boolean>;
}

/** The name saves itself; a new key or address is tried first and kept when it works. */
export function ProviderForm({ provider, save }: ProviderFormProps) {
  const { t } = useLingui();
  const vendor = useVendors().data?.find((item) => item.id === provider.kind);
  const [name, setName] = useState(provider.name);
  const [address, setAddress] = useState(provider.base_url ?? "");
  const [key, setKey] = useState("");
  const [tried, setTried] = useState<Tried>(null);
  const [busy, setBusy] = useState(false);

  const asksForKey = provider.has_key || (vendor?.needs_key ?? !provider.self_hosted);
  const takesKey = asksForKey || !vendor?.manages_models;
  const patch: ProviderPatch = {};
  if (address.trim() !== (provider.base_url ?? "")) patch.base_url = address.trim();
  if (key.trim()) patch.api_key = key.trim();
  const changed = Object.keys(patch).length > 0;

  const run = async (work: () => Promise<Tried>) => {
    setBusy(true);
    setTried(null);
    setTried(await work().catch((thrown: unknown) => ({ thrown })));
    setBusy(false);
  };
  const keep = (force: boolean) =>
    run(async () => {
      const saved = await changeProvider(provider.id, patch, force);
      setAddress(saved.provider.base_url ?? "");
      setKey("");
      return force ? null : { result: await checkProvider(provider.id) };
    });
  const keepName = () => {
    const wanted = name.trim();
    if (!wanted) setName(provider.name);
    else if (wanted !== provider.name) void save(changeProvider(provider.id, { name: wanted }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepName();
    void (changed ? keep(false) : run(async () => ({ result: await checkProvider(provider.id) })));
  };
  const checkButton = (
    <Button type="submit" variant={changed ? "primary" : "outline"} disabled={busy}>
      {busy ? <Trans>Checking</Trans> : changed ? <Trans>Check and save</Trans> : <Trans>Check</Trans>}
    </Button>
  );
  const addressField = (
    <TextField
      label={t`Address`}
      className="mono-field"
      type="url"
      value={address}
      onChange={(event) => setAddress(event.target.value)}
      spellCheck={false}
      maxLength={2000}
      required
    />
  );
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={t`Name`}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.target.value)}
        onBlur={keepName}
      />
      {takesKey ? (
        addressField
      ) : (
        <div className="key-row">
          {addressField}
          {checkButton}
        </div>
      )}
      <div className="wide">
        {takesKey ? (
          <div className="key-row">
            <KeyField value={key} onChange={setKey} kept={provider.has_key} optional={!asksForKey} />
            {checkButton}
          </div>
        ) : null}
        <Said provider={provider} tried={tried} address={address} />
        {changed && tried?.thrown ? (
          <Button small className="mt-3" onClick={() => void keep(true)}>
            <Trans>Save anyway</Trans>
          </Button>
        ) : null}
        {takesKey ? <KeptEncrypted /> : null}
        <MoreOptions
          kind={provider.kind}
          value={provider.options as Options}
          onSave={(options) => save(changeProvider(provider.id, { options }))}
        />
      </div>
    </form>
  );
}

/** Looks at a provider that is set elsewhere: its address, and whether it works. */
export function CheckNow({ provider }: { provider: ProviderInfo }) {
  const { t } = useLingui();
  const [tried, setTried] = useState<Tried>(null);
  const [busy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    setTried(null);
    setTried(
      await checkProvider(provider.id).then(
        (result) => ({ result }),
        (thrown: unknown) => ({ thrown }),
      ),
    );
    setBusy(false);
  };
  return (
    <div>
      <div className="key-row">
        <TextField label={t`Address`} className="mono-field" value={provider.base_url ?? "–"} readOnly />
        <Button disabled={busy} onClick={() => void check()}>
          {busy ? <Trans>Checking</Trans> : <Trans>Check</Trans>}
        </Button>
      </div>
      <Said provider={provider} tried={tried} />
    </div>
  );
}

/** The last try of this page, else what the server remembers of a failing provider. */
function Said({ provider, tried, address }: { provider: ProviderInfo; tried: Tried; address?: string }) {
  const at = { address: address ?? provider.base_url };
  if (tried) return <Outcome result={tried.result} thrown={tried.thrown} tried={at} />;
  const { state, error } = provider.status;
  return error && (state === "failing" || state === "needs") ? (
    <Outcome thrown={error} tried={{ address: provider.base_url }} />
  ) : null;
}
