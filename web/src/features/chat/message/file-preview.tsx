import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { ApiError } from "@/api/errors";
import { fileAddress, fileText } from "@/api/files";
import { Bones } from "@/components/ui/bones";
import { Dialog } from "@/components/ui/dialog";
import { useErrorText } from "@/features/errors/error-text";

/** More characters than this make a page slow; all of them are in the download. */
const SHOWN = 100_000;

/** What is in a text file, and a way to have it. */
export function FilePreview({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const { t } = useLingui();
  const errorText = useErrorText();
  const { data, error } = useQuery({
    queryKey: ["file", id],
    queryFn: () => fileText(id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const footer = (
    <a className="btn btn-outline btn-sm" href={fileAddress(id)} download={name}>
      <Download className="i-14" />
      <Trans>Download</Trans>
    </a>
  );
  return (
    <Dialog open onOpenChange={onClose} title={name} wide footer={footer}>
      {data !== undefined ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <pre className="file-text scroll" dir="auto" tabIndex={0}>
          {data.slice(0, SHOWN)}
        </pre>
      ) : error ? (
        <p role="alert">
          {error instanceof ApiError ? errorText(error.problem).what : t`It cannot be read just now.`}
        </p>
      ) : (
        <Bones widths={[80, 92, 64]} />
      )}
      {(data?.length ?? 0) > SHOWN ? (
        <p className="hint sm">
          <Trans>This is its beginning. The download has all of it.</Trans>
        </p>
      ) : null}
    </Dialog>
  );
}
