import { Trans } from "@lingui/react/macro";
import { Play } from "lucide-react";
import { Button } from "@/components/ui/button";

/** Runs a code block. Nothing of it runs before. */
export function RunButton({ onRun }: { onRun: () => void }) {
  return (
    <Button variant="ghost" small data-run onClick={onRun}>
      <Play className="i-14" />
      <Trans>Run</Trans>
    </Button>
  );
}
