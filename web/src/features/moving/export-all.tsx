import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Check, Download, PackageOpen, TriangleAlert, X } from "lucide-react";
import { beginExport, exportContent, removeExport, useExports } from "@/api/exports";
import type { ExportInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { bytes } from "@/features/settings/format";
import { Setting } from "@/features/settings/page";
import { activeLocale } from "@/i18n";

/** All there is of a person as one archive, and the archives that wait to be fetched. */
export function ExportAll() {
  const report = useReport();
  const { data: items = [] } = useExports();
  const busy = items.some((item) => item.everything && item.state === "running");
  return (
    <>
      <Setting
        name={<Trans>Export everything</Trans>}
        hint={
          <Trans>
            One zip with every chat as Markdown and JSON, their images, your projects, your prompts, what is
            remembered of you and your account. Freehold can import it again.
          </Trans>
        }
      >
        <Button disabled={busy} onClick={() => void beginExport(activeLocale()).catch(report)}>
          <PackageOpen />
          <Trans>Make the archive</Trans>
        </Button>
      </Setting>
      {items.length > 0 ? (
        <ul className="card rows moving-rows">
          {items.map((item) => (
            <ExportRow key={item.id} item={item} />
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** One archive: how far it is, then the way to it for a day. */
function ExportRow({ item }: { item: ExportInfo }) {
  const { t, i18n } = useLingui();
  const report = useReport();
  const { done, total } = item;
  const name = item.everything ? t`Everything` : t`Selected chats`;
  const at = i18n.date(new Date(item.created_at), { timeStyle: "short" });
  const running = item.state === "running";
  return (
    <li className="moving-import">
      <div className="row">
        {item.state === "done" ? <Check className="text-ok" /> : null}
        {item.state === "failed" ? <TriangleAlert className="text-danger" /> : null}
        <span className="grow clip">
          <b>{name}</b> <span className="quiet">{at}</span>
        </span>
        {item.state === "done" ? (
          <a className="btn btn-outline btn-sm" href={exportContent(item.id)} download>
            <Download className="i-14" />
            <Trans>Download</Trans>
          </a>
        ) : null}
        <IconButton
          className="field-btn"
          label={running ? t`Stop the export of ${at}` : t`Delete the archive of ${at}`}
          onClick={() => void removeExport(item.id).catch(report)}
        >
          <X className="i-14" />
        </IconButton>
      </div>
      {running ? (
        <>
          <div
            className="bar"
            role="progressbar"
            aria-label={t`Exporting`}
            aria-valuemin={0}
            aria-valuemax={total}
            aria-valuenow={done}
          >
            <i style={{ width: `${total ? (100 * done) / total : 100}%` }} />
          </div>
          <p className="hint" role="status">
            <Trans>
              {done} of {total} chats
            </Trans>
          </p>
        </>
      ) : item.state === "failed" ? (
        <p>
          {item.refusal === "disk_full" ? (
            <Trans>
              The disk of the server is full. Ask who runs it to free space, then make the archive again.
            </Trans>
          ) : item.refusal === "interrupted" ? (
            <Trans>The server was stopped meanwhile. Make the archive again.</Trans>
          ) : (
            <Trans>The server could not write the archive. Make it again; its log says what was wrong.</Trans>
          )}
        </p>
      ) : (
        <p className="hint">
          <Plural value={total} one="# chat" other="# chats" /> · {bytes(item.size_bytes ?? 0)} ·{" "}
          <Trans>kept for a day</Trans>
        </p>
      )}
    </li>
  );
}
