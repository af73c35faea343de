/**
 * React in the sandboxed frame: draws the component of a compiled module and tells the app what goes wrong. Built as a classic
 * script of its own (scripts/frames.mjs), which the app writes into the frame: the frame loads nothing.
 */
import * as React from "react";
import * as runtime from "react/jsx-runtime";
import * as dom from "react-dom";
import * as client from "react-dom/client";
import { load, Missing, type Run, shownOf } from "./module";
import { SOURCE, type Trouble } from "./trouble";

const app = parent;
const box = document.getElementById("root") as HTMLElement;
const modules: Record<string, unknown> = {
  react: React,
  "react/jsx-runtime": runtime,
  "react-dom": dom,
  "react-dom/client": { ...client, createRoot },
};
/** The component draws itself. */
let rooted = false;

function createRoot(...given: Parameters<typeof client.createRoot>): client.Root {
  rooted = true;
  return client.createRoot(...given);
}

function tell(trouble: Trouble): void {
  // the app's address is not known here; only its pages may frame this one
  app.postMessage({ trouble }, "*");
}

function failed(error: unknown): void {
  if (error instanceof Missing) tell({ kind: "missing", names: error.names });
  else tell({ kind: "failed", message: said(error), line: lineOf(Object(error).stack) });
}

const said = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** The line of the artifact in which it happened, as far as a stack says it. */
function lineOf(stack: unknown): number | undefined {
  const at = new RegExp(`${SOURCE.replace(".", "\\.")}:(\\d+)`).exec(String(stack))?.[1];
  return at ? Number(at) : undefined;
}

function draw(run: Run): void {
  const shown = shownOf(load(run, modules));
  if (rooted) return;
  if (shown === undefined) {
    tell({ kind: "nothing" });
    return;
  }
  const root = client.createRoot(box, { onUncaughtError: failed });
  const element = React.isValidElement(shown) ? shown : React.createElement(shown as React.FC);
  // at once: the frame is shown when this is over
  dom.flushSync(() => root.render(element));
}

addEventListener("error", ({ error, message, lineno }) => {
  // the compiler took it, the browser does not; Chromium puts what it was doing first
  if (error instanceof SyntaxError && !started)
    tell({
      kind: "syntax",
      message: error.message.replace(/^Failed to execute [^:]*: /, ""),
      line: lineno || undefined,
    });
  else failed(error ?? message);
});
addEventListener("unhandledrejection", ({ reason }) => failed(reason));

let started = false;

Object.assign(globalThis, {
  React,
  ReactDOM: { ...dom, ...client, createRoot },
  freehold: {
    modules,
    start(run: Run) {
      started = true;
      try {
        draw(run);
      } catch (error) {
        failed(error);
      }
    },
  },
});
