import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate } from "@tanstack/react-router";
import { Cloud, House, Search } from "lucide-react";
import { useState } from "react";
import { useVendors } from "@/api/providers";
import type { Vendor } from "@/api/types";
import { TextField } from "@/components/ui/text-field";
import { Loaded } from "../page";
import { NewProvider } from "./new-provider";
import { DetailHead } from "./provider-detail";
import { isAddress, searchVendors, vendorOfAddress, vendorOfKey } from "./recognise";
import { vendorName } from "./vendor-name";

/** Longer than any name, without blanks: a pasted key. */
const LOOKS_LIKE_KEY = /^[\w.:/+=-]{20,}$/;

/** From a pasted key, an address or a name to a provider that answers. */
export function AddProvider({ vendor: chosen }: { vendor: string }) {
  const vendors = useVendors();
  const [pasted, setPasted] = useState("");
  return (
    <main className="main scroll detail" id="main">
      <Loaded query={vendors} bones={[40, 70, 56, 62]}>
        {(items) => {
          const vendor = items.find((item) => item.id === chosen);
          return vendor ? (
            <NewProvider key={vendor.id} vendor={vendor} pasted={pasted} />
          ) : (
            <ChooseVendor vendors={items} pasted={pasted} onPaste={setPasted} />
          );
        }}
      </Loaded>
    </main>
  );
}

interface ChooseVendorProps {
  vendors: Vendor[];
  pasted: string;
  onPaste: (text: string) => void;
}

function ChooseVendor({ vendors, pasted, onPaste }: ChooseVendorProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const text = pasted.trim();
  const address = isAddress(text);
  const known = address ? vendorOfAddress(vendors, text) : vendorOfKey(vendors, text);
  const unknownKey = !known && !address && LOOKS_LIKE_KEY.test(text) && !searchVendors(vendors, text).length;
  const found = known ? [known] : unknownKey ? vendors : searchVendors(vendors, text);
  return (
    <>
      <DetailHead name={<Trans>Add a provider</Trans>} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (found.length === 1 && found[0])
            void navigate({
              to: "/settings/$section",
              params: { section: "providers" },
              search: { add: found[0].id },
            });
        }}
      >
        <TextField
          label={t`Paste a key or an address, or search`}
          type="search"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          before={<Search className="i-14" aria-hidden="true" />}
          placeholder={t`sk-…, http://…, DeepSeek`}
          value={pasted}
          onChange={(event) => onPaste(event.target.value)}
        />
      </form>
      <p className="quiet mt-2" role="status">
        {known ? (
          <Recognised vendor={known} address={address} />
        ) : unknownKey ? (
          <Trans>
            Several vendors make keys like this one. Choose whose it is; it is sent to nobody else.
          </Trans>
        ) : found.length ? null : (
          <Trans>
            Nobody by that name. Most servers speak the OpenAI dialect: paste the address instead.
          </Trans>
        )}
      </p>
      <VendorGroup vendors={found.filter((vendor) => !vendor.self_hosted)} />
      <VendorGroup inHouse vendors={found.filter((vendor) => vendor.self_hosted)} />
    </>
  );
}

function Recognised({ vendor, address }: { vendor: Vendor; address: boolean }) {
  const name = vendorName(vendor);
  if (vendor.id === "openai_compatible")
    return <Trans>A server of its own; most speak the OpenAI dialect. Enter goes on.</Trans>;
  return address ? (
    <Trans>That is the address of {name}. Enter goes on.</Trans>
  ) : (
    <Trans>That is a key of {name}. Enter goes on.</Trans>
  );
}

function VendorGroup({ vendors, inHouse }: { vendors: Vendor[]; inHouse?: boolean }) {
  if (!vendors.length) return null;
  return (
    <section>
      <h2 className="vendor-group">
        {inHouse ? (
          <span className="in">
            <House className="i-14" />
            <Trans>On your own machines</Trans>
          </span>
        ) : (
          <span className="out">
            <Cloud className="i-14" />
            <Trans>Outside</Trans>
          </span>
        )}
      </h2>
      <ul className="vendors">
        {vendors.map((vendor) => (
          <li key={vendor.id}>
            <Link
              to="/settings/$section"
              params={{ section: "providers" }}
              search={{ add: vendor.id }}
              className="side-row"
            >
              <span className="clip" title={vendorName(vendor)}>
                {vendorName(vendor)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
