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
  [other: string]: unknown;
}

interface MoreOptionsProps {
  azure?: boolean;
  value: Options;
  onSave: (options: Options) => unknown;
}

/** Rarely needed: extra headers, patience, Azure's version of its API. */
export function MoreOptions({ azure, value, onSave }: MoreOptionsProps) {
  const { t } = useLingui();
  const id = useId();
  const [headers, setHeaders] = useState(() => headerLines(value.headers));
  const [patience, setPatience] = useState(String(value.first_byte_timeout ?? ""));
  const [version, setVersion] = useState(value.api_version ?? "");

  const collect = () => {
    const next: Options = { ...value, headers: parseHeaders(headers) };
    next.first_byte_timeout = Number(patience) > 0 ? Number(patience) : undefined;
    next.api_version = version.trim() || undefined;
    if (!Object.keys(next.headers ?? {}).length) next.headers = undefined;
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
        {azure ? (
          <TextField
            label={t`API version`}
            placeholder="2024-10-21"
            value={version}
            onChange={(event) => setVersion(event.target.value)}
          />
        ) : null}
        <div className="wide">
          <label className="label" htmlFor={id}>
            <Trans>Extra headers, one “Name: value” per line</Trans>
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
