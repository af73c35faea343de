/** Whose key or address was pasted. */
import type { Vendor } from "@/api/types";

/** The vendor whose key prefix fits longest; null when none does, since a key is never sent to a guess. */
export function vendorOfKey(vendors: Vendor[], key: string): Vendor | null {
  let best: Vendor | null = null;
  let length = 0;
  for (const vendor of vendors)
    for (const prefix of vendor.key_prefixes)
      if (prefix.length > length && key.startsWith(prefix)) [best, length] = [vendor, prefix.length];
  return best;
}

export function isAddress(text: string): boolean {
  return /^https?:\/\/[^/\s]+/i.test(text);
}

const PRIVATE_HOSTS = [
  /^localhost$|\.(localhost|local|lan|home|internal|home\.arpa)$/,
  /^127\.|^10\.|^192\.168\.|^169\.254\.|^0\.0\.0\.0$/,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^\[(::1|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*)\]$/,
  // a name without a dot is known in this network only
  /^[^.:[\]]+$/,
];

/** Whether an address leads to this machine or its own network (RFC 1918, 4193, 6598, link-local). */
export function isPrivateAddress(address: string): boolean {
  if (!isAddress(address.trim()) || !URL.canParse(address.trim())) return false;
  const { hostname } = new URL(address.trim());
  return PRIVATE_HOSTS.some((pattern) => pattern.test(hostname));
}

/** The vendor at this address by host and port, else any server that speaks the OpenAI dialect. */
export function vendorOfAddress(vendors: Vendor[], address: string): Vendor | null {
  const server = serverOf(address);
  return (
    vendors.find((vendor) => vendor.base_url && serverOf(vendor.base_url) === server) ??
    vendors.find((vendor) => vendor.id === "openai_compatible") ??
    null
  );
}

function serverOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { hostname, port, protocol } = new URL(address);
  const host = ["localhost", "[::1]"].includes(hostname) ? "127.0.0.1" : hostname;
  return `${host}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** Finds vendors by any part of their name in either language or their id; those that begin with the words come first. */
export function searchVendors(vendors: Vendor[], words: string): Vendor[] {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return vendors;
  const rank = (vendor: Vendor) => {
    const names = [vendor.name, vendor.name_zh ?? "", vendor.id].map((name) => name.toLowerCase());
    if (names.some((name) => name.startsWith(wanted))) return 0;
    return names.some((name) => name.includes(wanted)) ? 1 : 2;
  };
  return vendors
    .map((vendor) => ({ vendor, rank: rank(vendor) }))
    .filter((item) => item.rank < 2)
    .sort((one, other) => one.rank - other.rank)
    .map((item) => item.vendor);
}
