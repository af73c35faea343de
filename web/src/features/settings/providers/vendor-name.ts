import type { Vendor } from "@/api/types";
import { activeLocale } from "@/i18n";

/** The vendor's name in the reader's language. */
export function vendorName(vendor: Vendor): string {
  return (activeLocale() === "zh-CN" && vendor.name_zh) || vendor.name;
}
