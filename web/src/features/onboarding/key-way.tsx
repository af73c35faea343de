import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Cloud } from "lucide-react";
import { type FormEvent, useState } from "react";
import { addProvider, useVendors } from "@/api/providers";
import type { Vendor } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { toast } from "@/components/ui/toast";
import { KeyField } from "@/features/settings/providers/key-field";
import { Outcome } from "@/features/settings/providers/outcome";
import { vendorOfKey } from "@/features/settings/providers/recognise";
import { vendorName } from "@/features/settings/providers/vendor-name";
import { Way } from "./way";

/** Fewer characters are still being typed. */
const UNKNOWN_FROM = 4;

/** A key of an outside vendor: recognised by its beginning, tried, kept when it works. */
export function KeyWay() {
  const { t } = useLingui();
  const vendors = (useVendors().data ?? []).filter((vendor) => vendor.needs_key && vendor.base_url);
  const [key, setKey] = useState("");
  const [chosen, setChosen] = useState("");
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const text = key.trim();
  const known = vendorOfKey(vendors, text);
  const vendor = known ?? vendors.find((item) => item.id === chosen) ?? null;
  const connect = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !vendor || !text) return;
    setBusy(true);
    setFailed(null);
    try {
      const { provider } = await addProvider({ kind: vendor.id, api_key: text, options: {} });
      const models = t`${plural(provider.model_count, { one: "# model", other: "# models" })}`;
      toast(t`${provider.name} is connected with ${models}.`);
      setKey("");
    } catch (error) {
      setFailed(error);
    }
    setBusy(false);
  };
  return (
    <Way where="out" icon={<Cloud className="i-20" />} name={t`Paste a key`}>
      <p>
        <Trans>
          Hard questions can go to a model outside. Where each went and what it cost is written under the
          answer.
        </Trans>
      </p>
      <form className="way-form" onSubmit={(event) => void connect(event)}>
        <KeyField
          label={t`API key`}
          value={key}
          placeholder="sk-…"
          onChange={(value) => {
            setKey(value);
            setFailed(null);
          }}
          hint={<KeyHint text={text} known={known} />}
        />
        {text.length >= UNKNOWN_FROM && !known ? (
          <Select
            label={t`Whose key is it?`}
            value={chosen}
            onChange={setChosen}
            options={[
              { value: "", label: t`Whose key is it?` },
              ...vendors.map((item) => ({ value: item.id, label: vendorName(item) })),
            ]}
          />
        ) : null}
        <Outcome thrown={failed} tried={vendor ? { name: vendorName(vendor) } : undefined} />
        <Button type="submit" disabled={busy || !vendor || !text}>
          {busy ? <Trans>Checking</Trans> : <Trans>Check and connect</Trans>}
        </Button>
      </form>
      <p className="way-more">
        <Link to="/settings/$section" params={{ section: "providers" }} search={{ add: "" }}>
          <Trans>All providers</Trans>
        </Link>
      </p>
    </Way>
  );
}

function KeyHint({ text, known }: { text: string; known: Vendor | null }) {
  if (known) return <Trans>A key of {vendorName(known)}</Trans>;
  if (text.length >= UNKNOWN_FROM) return <Trans>Not a key that is recognised: choose whose it is.</Trans>;
  return <Trans>OpenAI, Anthropic, Gemini and others are recognised.</Trans>;
}
