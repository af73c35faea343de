import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";

/** What providers read of their options; the rest of the object is kept as it is. */
export interface Options {
  headers?: Record<string, string>;
  first_byte_timeout?: number;
  api_version?: string;
  num_ctx?: number;
  keep_alive?: string | number;
  [other: string]: unknown;
}

interface MoreOptionsProps {
  kind: string;
  value: Options;
  onSave: (options: Options) => unknown;
}

/** Rarely needed: extra headers, patience, what Azure and Ollama want to know. */
export function MoreOptions({ kind, value, onSave }: MoreOptionsProps) {
  const { t } = useLingui();
  const id = useId();
  const [headers, setHeaders] = useState(() => headerLines(value.headers));
  const [patience, setPatience] = useState(String(value.first_byte_timeout ?? ""));
  const [version, setVersion] = useState(value.api_version ?? "");
  const [context, setContext] = useState(String(value.num_ctx ?? ""));
  const [keep, setKeep] = useState(String(value.keep_alive ?? ""));

  const collect = () => {
    const found = parseHeaders(headers);
    const next: Options = {
      ...value,
      headers: Object.keys(found).length ? found : undefined,
      first_byte_timeout: Number(patience) || undefined,
      api_version: version.trim() || undefined,
      num_ctx: Number(context) || undefined,
      // a bare number is seconds, -1 is for ever; "10m" goes as it is
      keep_alive: /^-?\d+$/.test(keep.trim()) ? Number(keep) : keep.trim() || undefined,
    };
    return Object.fromEntries(Object.entries(next).filter(([, part]) => part !== undefined));
  };
  return (
    <details className="more mt-4">
      <summary>
        <ChevronRight className="i-14" />
        <Trans>More options</Trans>
      </summary>
      <div className="form">
        <TextField
          label={t`Wait for the first word, in seconds`}
          inputMode="numeric"
          placeholder="60"
          value={patience}
          onChange={(event) => setPatience(event.target.value.replace(/[^\d]/g, ""))}
        />
        {kind === "ollama" ? (
          <>
            <TextField
              label={t`Context window, in tokens`}
              inputMode="numeric"
              placeholder="4096"
              value={context}
              onChange={(event) => setContext(event.target.value.replace(/[^\d]/g, ""))}
            />
            <TextField
              label={t`Keep the model loaded for`}
              placeholder="5m"
              hint={t`For example 10m or 2h; -1 keeps it for good.`}
              value={keep}
              onChange={(event) => setKeep(event.target.value)}
            />
          </>
        ) : null}
        {kind === "azure" ? (
          <TextField
            label={t`API version`}
            placeholder="2024-10-21"
            value={version}
            onChange={(event) => setVersion(event.target.value)}
          />
        ) : null}
        <div className="wide">
          <label className="label" htmlFor={id}>
            <Trans>Extra headers, one per line, as Name: value</Trans>
          </label>
          <textarea
            id={id}
            className="area mono"
            rows={3}
            value={headers}
            onChange={(event) => setHeaders(event.target.value)}
            spellCheck={false}
          />
        </div>
        <div className="wide">
          <Button small onClick={() => onSave(collect())}>
            <Trans>Save options</Trans>
          </Button>
        </div>
      </div>
    </details>
  );
}

function headerLines(headers: Record<string, string> | undefined): string {
  return Object.entries(headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

export function parseHeaders(lines: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of lines.split("\n")) {
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name && value) found[name] = value;
  }
  return found;
}
