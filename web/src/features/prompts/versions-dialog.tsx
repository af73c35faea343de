import { Trans, useLingui } from "@lingui/react/macro";
import { restorePrompt, usePromptVersions } from "@/api/prompts";
import type { Prompt, PromptVersion } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { Loaded } from "@/features/settings/page";

/** Every text that a prompt had, each to be had back. */
export function VersionsDialog({ prompt, onClose }: { prompt: Prompt; onClose: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const query = usePromptVersions(prompt.id);
  const restore = async ({ number }: PromptVersion) => {
    await restorePrompt(prompt.id, number);
    toast(t`Version ${number} is the present one again.`);
    onClose();
  };
  const { title } = prompt;
  return (
    <Dialog open wide onOpenChange={onClose} title={<Trans>Versions of {title}</Trans>}>
      <Loaded query={query} bones={[80, 60]}>
        {(versions) => (
          <ul className="prompt-versions">
            {versions.map((version) => (
              <Version
                key={version.number}
                version={version}
                present={version.number === versions[0]?.number}
                onRestore={() => void restore(version).catch(report)}
              />
            ))}
          </ul>
        )}
      </Loaded>
    </Dialog>
  );
}

interface VersionProps {
  version: PromptVersion;
  present: boolean;
  onRestore: () => void;
}

function Version({ version: { number, title, text, created_at: at }, present, onRestore }: VersionProps) {
  const { i18n } = useLingui();
  const when = i18n.date(at, { dateStyle: "medium", timeStyle: "short" });
  return (
    <li>
      <div className="row">
        <b>
          <Trans>Version {number}</Trans>
        </b>
        <span className="hint sm">{when}</span>
        <span className="grow" />
        {present ? (
          <span className="tag">
            <Trans>present</Trans>
          </span>
        ) : (
          <Button small onClick={onRestore}>
            <Trans>Restore</Trans>
            <span className="visually-hidden">
              <Trans>version {number}</Trans>
            </span>
          </Button>
        )}
      </div>
      <p className="sm prompt-version-title">{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="scroll prompt-version" tabIndex={0} dir="auto">
        {text}
      </pre>
    </li>
  );
}
