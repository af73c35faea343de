import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Check, ChevronRight, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { removeImport, useUploads } from "@/api/imports";
import type { ImportInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { bytes } from "@/features/settings/format";
import { ImportNotes } from "./import-notes";
import { PRODUCTS, useRefusal } from "./words";

/** One import: how far it is, and at the end what came of it. */
export function ImportRow({ item }: { item: ImportInfo }) {
  const { t } = useLingui();
  const report = useReport();
  const running = item.state !== "done" && item.state !== "failed";
  const name = item.product ? PRODUCTS[item.product] : item.name;
  return (
    <li className="moving-import">
      <div className="row">
        {item.state === "done" ? <Check className="text-ok" /> : null}
        {item.state === "failed" ? <TriangleAlert className="text-danger" /> : null}
        <span className="grow clip">
          <b>{name}</b> {item.product ? <span className="quiet">{item.name}</span> : null}
        </span>
        <IconButton
          className="field-btn"
          label={running ? t`Stop the import of ${item.name}` : t`Take ${item.name} from the list`}
          onClick={() => void removeImport(item.id).catch(report)}
        >
          <X className="i-14" />
        </IconButton>
      </div>
      {running ? <Progress item={item} /> : <Outcome item={item} />}
    </li>
  );
}

function Progress({ item }: { item: ImportInfo }) {
  const { t } = useLingui();
  const sending = useUploads((state) => state.running[item.id]);
  const receiving = item.state === "receiving";
  const part = receiving ? item.received_bytes / item.size_bytes : item.progress;
  const percent = Math.min(100, Math.floor(100 * part));
  const sent = bytes(item.received_bytes);
  const total = bytes(item.size_bytes);
  const chats = item.report.chats.found;
  return (
    <>
      <div
        className="bar"
        role="progressbar"
        aria-label={receiving ? t`Sending ${item.name}` : t`Importing ${item.name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <i style={{ width: `${percent}%` }} />
      </div>
      <p className="hint" role="status">
        {!receiving ? (
          item.state === "waiting" ? (
            <Trans>Waiting for its turn</Trans>
          ) : (
            <Plural value={chats} one="# chat so far" other="# chats so far" />
          )
        ) : sending ? (
          <Trans>
            {sent} of {total} sent
          </Trans>
        ) : (
          <Trans>
            {sent} of {total} sent. Choose the same file again to go on.
          </Trans>
        )}
      </p>
    </>
  );
}

function Outcome({ item }: { item: ImportInfo }) {
  const refusal = useRefusal();
  const [open, setOpen] = useState(false);
  const { chats, extended, messages, files, projects, memory, prompts, losses } = item.report;
  const more = projects.found + memory.found + prompts.found;
  const left = Object.values(losses).reduce((sum, count) => sum + count, 0);
  return (
    <>
      {item.refusal ? <p>{refusal(item.refusal, chats.imported + extended > 0)}</p> : null}
      {chats.found > 0 ? (
        <ul className="moving-facts">
          <li>
            <Plural value={chats.imported} one="# chat imported" other="# chats imported" />
            {" · "}
            <Plural value={messages.imported} one="# message" other="# messages" />
            {files > 0 ? (
              <>
                {" · "}
                <Plural value={files} one="# image" other="# images" />
              </>
            ) : null}
          </li>
          {chats.already > 0 ? (
            <li>
              <Plural value={chats.already} one="# chat was here already" other="# chats were here already" />
              {extended > 0 ? (
                <>
                  {" · "}
                  <Plural
                    value={extended}
                    one="# of them got new messages"
                    other="# of them got new messages"
                  />
                </>
              ) : null}
            </li>
          ) : null}
          {chats.not_taken > 0 ? (
            <li>
              <Plural value={chats.not_taken} one="# chat was not taken" other="# chats were not taken" />
            </li>
          ) : null}
        </ul>
      ) : null}
      {more > 0 ? <Belongings report={item.report} /> : null}
      {left > 0 ? (
        <details className="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            <ChevronRight className="i-14" />
            <Plural value={left} one="# thing was not taken" other="# things were not taken" />
          </summary>
          <ImportNotes id={item.id} open={open} />
        </details>
      ) : chats.found + more > 0 && !item.refusal ? (
        <p className="hint">
          <Trans>Everything in it was taken.</Trans>
        </p>
      ) : null}
    </>
  );
}

/** What came along besides chats. */
function Belongings({ report: { projects, memory, prompts } }: { report: ImportInfo["report"] }) {
  const already = projects.already + memory.already + prompts.already;
  return (
    <ul className="moving-facts">
      {memory.imported > 0 ? (
        <li>
          <Plural value={memory.imported} one="# remembered fact" other="# remembered facts" />
          {" · "}
          <Trans>used once memory is on</Trans>
        </li>
      ) : null}
      {prompts.imported > 0 ? (
        <li>
          <Plural value={prompts.imported} one="# prompt" other="# prompts" />
        </li>
      ) : null}
      {projects.imported > 0 ? (
        <li>
          <Plural value={projects.imported} one="# project" other="# projects" />
        </li>
      ) : null}
      {already > 0 ? (
        <li>
          <Plural
            value={already}
            one="# fact, prompt or project was here already"
            other="# facts, prompts and projects were here already"
          />
        </li>
      ) : null}
    </ul>
  );
}
