import "@/styles/thread.css";
import "@/styles/moving.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Cloud, FileText, House } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "@/api/errors";
import { openShared, sharedFileAddress } from "@/api/shares";
import type { SharedChat } from "@/api/types";
import { Bones } from "@/components/ui/bones";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { Reasoning } from "@/features/chat/message/reasoning";
import { useErrorText } from "@/features/errors/error-text";
import { LoadFailed } from "@/features/errors/load-failed";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { Door } from "@/features/sign-in/door";

/** What a link opens: a chat as it was when it was shared, for reading alone. */
export function SharedPage() {
  const { token = "" } = useParams({ strict: false });
  const [password, setPassword] = useState<string>();
  const query = useQuery({
    queryKey: ["shared", token, password],
    queryFn: () => openShared(token, password),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data, error } = query;
  useEffect(() => {
    const robots = document.createElement("meta");
    robots.name = "robots";
    robots.content = "noindex, nofollow";
    document.head.append(robots);
    return () => robots.remove();
  }, []);
  if (data) return <Chat chat={data} token={token} />;
  if (error instanceof ApiError && error.status === 404) return <Gone />;
  if (error instanceof ApiError && error.status < 500)
    return <Locked error={error} wrong={password !== undefined} onTry={setPassword} />;
  if (error)
    return (
      <Door title={<Trans>A shared chat</Trans>}>
        <div className="mt-6 text-left">
          <LoadFailed query={query} />
        </div>
      </Door>
    );
  return (
    <main className="main" id="main">
      <div className="column pt-8">
        <Bones widths={[40, 90, 84]} />
      </div>
    </main>
  );
}

function Chat({ chat, token }: { chat: SharedChat; token: string }) {
  const { t, i18n } = useLingui();
  const title = chat.title || t`Chat without a title`;
  const day = i18n.date(chat.shared_at, { dateStyle: "long" });
  return (
    <main className="main scroll shared" id="main">
      <title>{`${title} · Freehold`}</title>
      <div className="column">
        <header className="shared-head">
          <h1 className="serif">{title}</h1>
          <p className="quiet">
            <Trans>Shared on {day}</Trans>
          </p>
        </header>
        {chat.lines.map((line, index) => (
          <Line key={index} line={line} token={token} ticket={chat.ticket} />
        ))}
      </div>
    </main>
  );
}

interface LineProps {
  line: SharedChat["lines"][number];
  token: string;
  ticket: string | null | undefined;
}

function Line({ line, token, ticket }: LineProps) {
  const { t } = useLingui();
  const own = line.role === "user";
  const { number, count } = line;
  return (
    <article className={`shared-line ${own ? "is-own" : ""}`} aria-label={own ? t`Question` : t`Answer`}>
      {line.parts.map((part, index) => {
        const key = `${part.type}-${index}`;
        if (part.type === "text")
          return own ? (
            <div key={key} className="shared-own">
              {part.text}
            </div>
          ) : (
            <LazyMarkdown key={key} text={part.text} />
          );
        if (part.type === "reasoning")
          return <Reasoning key={key} text={part.text} seconds={part.seconds} live={false} />;
        if (part.type === "image")
          return (
            <img
              key={key}
              className="shared-image"
              src={sharedFileAddress(token, part.file_id, ticket)}
              alt={t`From the chat`}
              loading="lazy"
            />
          );
        if (part.type === "file")
          return (
            <a
              key={key}
              className="tile"
              href={sharedFileAddress(token, part.file_id, ticket)}
              target="_blank"
              rel="noopener noreferrer"
            >
              <FileText className="i-18" />
              <Trans>Text file</Trans>
            </a>
          );
        return (
          <details key={key} className="more">
            <summary>{part.name}</summary>
            <pre className="shared-tool">{[part.arguments, part.result].filter(Boolean).join("\n\n")}</pre>
          </details>
        );
      })}
      <p className="shared-foot quiet">
        {line.model ? (
          <>
            <span className={line.self_hosted ? "in" : "out"}>
              {line.self_hosted ? <House className="i-14" /> : <Cloud className="i-14" />}
            </span>
            {line.model} · {line.self_hosted ? t`in-house` : line.provider}
          </>
        ) : null}
        {count > 1 ? (
          <span>
            <Trans>
              version {number} of {count}
            </Trans>
          </span>
        ) : null}
        {line.complete ? null : (
          <span>
            <Trans>not finished</Trans>
          </span>
        )}
      </p>
    </article>
  );
}

function Locked({ error, wrong, onTry }: { error: ApiError; wrong: boolean; onTry: (word: string) => void }) {
  const { t } = useLingui();
  const errorText = useErrorText();
  const [word, setWord] = useState("");
  const asked = error.code === "share_password_needed";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onTry(word);
  };
  return (
    <Door
      title={<Trans>A shared chat</Trans>}
      lead={<Trans>It opens with the password of whoever gave you the link.</Trans>}
    >
      <form className="door-form" onSubmit={submit}>
        <TextField
          label={t`Password`}
          type="password"
          autoComplete="off"
          value={word}
          error={asked ? (wrong ? t`That is not the password.` : undefined) : errorText(error.problem).what}
          onChange={(event) => setWord(event.target.value)}
        />
        <Button variant="primary" type="submit" disabled={!word}>
          <Trans>Open</Trans>
        </Button>
      </form>
    </Door>
  );
}

function Gone() {
  return (
    <Door
      title={<Trans>This link leads nowhere</Trans>}
      lead={<Trans>It has ended, was revoked, or lost a part of itself on the way.</Trans>}
    >
      {null}
    </Door>
  );
}
