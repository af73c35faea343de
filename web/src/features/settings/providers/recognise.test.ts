import { expect, test } from "vitest";
import type { Vendor } from "@/api/types";
import { isAddress, isPrivateAddress, searchVendors, vendorOfAddress, vendorOfKey } from "./recognise";

function vendor(id: string, more: Partial<Vendor> = {}): Vendor {
  return {
    id,
    name: id,
    name_zh: null,
    dialect: "openai",
    base_url: null,
    api_key_url: null,
    docs_url: null,
    self_hosted: false,
    needs_key: true,
    key_prefixes: [],
    manages_models: false,
    ...more,
  };
}

const vendors = [
  vendor("openai", { key_prefixes: ["sk-proj-"] }),
  vendor("openrouter", { key_prefixes: ["sk-or-"] }),
  vendor("wide", { key_prefixes: ["sk-o"] }),
  vendor("deepseek", { name: "DeepSeek", name_zh: "深度求索" }),
  vendor("ollama", { base_url: "http://127.0.0.1:11434" }),
  vendor("openai_compatible"),
];

test("the longest prefix wins", () => {
  expect(vendorOfKey(vendors, "sk-or-v1-abc")?.id).toBe("openrouter");
  expect(vendorOfKey(vendors, "sk-oxx")?.id).toBe("wide");
});

test("a key that several vendors could have made is nobody's", () => {
  expect(vendorOfKey(vendors, "sk-1234567890")).toBeNull();
});

test("an address is known by its server, whatever its path and the name of this machine", () => {
  expect(isAddress("http://localhost:11434/v1")).toBe(true);
  expect(isAddress("sk-http://")).toBe(false);
  expect(vendorOfAddress(vendors, "http://localhost:11434/v1")?.id).toBe("ollama");
  expect(vendorOfAddress(vendors, "https://llm.example")?.id).toBe("openai_compatible");
  expect(vendorOfAddress(vendors, "http://[")?.id).toBe("openai_compatible");
});

test("search knows both names and puts beginnings first", () => {
  expect(searchVendors(vendors, "深度")[0]?.id).toBe("deepseek");
  expect(searchVendors(vendors, "open").map((item) => item.id)).toEqual([
    "openai",
    "openrouter",
    "openai_compatible",
  ]);
  expect(searchVendors(vendors, "nobody")).toEqual([]);
});

test.each([
  "http://localhost:8000/v1",
  "http://127.0.0.1:1234",
  "http://10.0.3.4/v1",
  "https://192.168.1.20",
  "http://172.20.0.2:8080",
  "http://100.101.2.3",
  "http://[::1]:8000",
  "http://[fd12:3456::1]/v1",
  "http://gpu-box:8000/v1",
  "http://nas.local",
  "http://host.docker.internal:11434",
])("%s is in the house", (address) => expect(isPrivateAddress(address)).toBe(true));

test.each([
  "https://api.openai.com/v1",
  "http://172.32.0.1",
  "http://100.128.0.1",
  "http://[2001:db8::1]",
  "",
  "http",
])("%j is not known to be", (address) => expect(isPrivateAddress(address)).toBe(false));
