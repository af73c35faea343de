import { lazy } from "react";

/** The bar of a selection comes when something is selected first. */
export const SelectBar = lazy(() => import("./select-bar").then((module) => ({ default: module.SelectBar })));
