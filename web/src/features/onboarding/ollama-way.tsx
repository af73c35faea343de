import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Check, Server } from "lucide-react";
import { useState } from "react";
import { addProvider } from "@/api/providers";
import type { Welcome } from "@/api/types";
import { type OllamaFound, ollamaOf } from "@/api/welcome";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { bytes } from "@/features/settings/format";
import { useSayFailure } from "@/features/settings/providers/failure";
import { Way } from "./way";

const NAMED = 4;

/** An Ollama on the server's machine: one click when it is there, how to get it when it is not. */
export function OllamaWay({ welcome }: { welcome: Welcome }) {
  const { t } = useLingui();
  const ollama = ollamaOf(welcome);
  return (
    <Way
      where="in"
      icon={<Server className="i-20" />}
      name={t`Connect Ollama`}
      state={
        ollama.connected ? (
          <span className="ok">
            <Check className="i-14" />
            <Trans>connected</Trans>
          </span>
        ) : null
      }
    >
      {ollama.connected ? (
        <Connected count={ollama.models.length} />
      ) : ollama.found ? (
        <Found ollama={ollama} />
      ) : (
        <Missing />
      )}
    </Way>
  );
}

function Found({ ollama }: { ollama: OllamaFound }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [busy, setBusy] = useState(false);
  const count = ollama.models.length;
  const models = t`${plural(count, { one: "# model", other: "# models" })}`;
  const connect = async () => {
    setBusy(true);
    try {
      await addProvider({ kind: "ollama", base_url: ollama.baseUrl, options: {} });
      toast(count ? t`Ollama is connected with ${models}.` : t`Ollama is connected. It has no model yet.`);
    } catch (error) {
      say(error);
    }
    setBusy(false);
  };
  return (
    <>
      <p>
        {count ? (
          <Trans>Ollama runs on this machine with {models}. One click and they answer here.</Trans>
        ) : (
          <Trans>Ollama runs on this machine without a model. Connect it, then download one from here.</Trans>
        )}
      </p>
      <ul className="found">
        {ollama.models.slice(0, NAMED).map((model) => (
          <li key={model.id}>
            <Check className="i-14" />
            <b className="clip" title={model.id}>
              {model.id}
            </b>
            {model.sizeBytes ? <span>{bytes(model.sizeBytes)}</span> : null}
          </li>
        ))}
        {count > NAMED ? (
          <li>
            <Trans>and {count - NAMED} more</Trans>
          </li>
        ) : null}
      </ul>
      <Button disabled={busy} onClick={() => void connect()}>
        {busy ? <Trans>Connecting</Trans> : <Trans>Connect</Trans>}
      </Button>
      <p className="way-more">
        <Link to="/settings/$section" params={{ section: "providers" }} search={{ add: "ollama" }}>
          <Trans>One on another machine</Trans>
        </Link>
      </p>
    </>
  );
}

function Connected({ count }: { count: number }) {
  return (
    <>
      <p>
        {count ? (
          <Trans>Its models stand in the list of models below.</Trans>
        ) : (
          <Trans>It has no model yet. Download one from here.</Trans>
        )}
      </p>
      <Link
        className="btn btn-outline"
        to="/settings/$section"
        params={{ section: "providers" }}
        search={{ provider: "ollama" }}
      >
        <Trans>Models of Ollama</Trans>
      </Link>
    </>
  );
}

function Missing() {
  return (
    <>
      <p>
        <Trans>
          No Ollama answers on the server's machine. With it, larger models run in the house.{" "}
          <a href="https://ollama.com/download" target="_blank" rel="noreferrer">
            Install it
          </a>
          , start it, and it shows up here.
        </Trans>
      </p>
      <p>
        <Trans>Does it run on another machine? Give its address.</Trans>
      </p>
      <Link
        className="btn btn-outline"
        to="/settings/$section"
        params={{ section: "providers" }}
        search={{ add: "ollama" }}
      >
        <Trans>Enter an address</Trans>
      </Link>
    </>
  );
}
