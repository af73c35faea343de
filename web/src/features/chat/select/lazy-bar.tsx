import { part } from "@/lib/part";

/** The bar of a selection comes when something is selected first. */
export const SelectBar = part(() => import("./select-bar").then((module) => ({ default: module.SelectBar })));
