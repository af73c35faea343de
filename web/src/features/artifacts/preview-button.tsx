import { Trans } from "@lingui/react/macro";
import { AppWindow } from "lucide-react";
import { use } from "react";
import { Button } from "@/components/ui/button";
import { ArtifactPlace, openArtifact } from "./state";

/** Opens a code block in the panel beside the chat. Nothing of it runs before. */
export function PreviewButton() {
  const place = use(ArtifactPlace);
  if (!place) return null;
  const open = (button: HTMLElement) => {
    // blocks are drawn in the order in which collect.ts finds them
    const all = button.closest("article")?.querySelectorAll("[data-artifact]") ?? [];
    openArtifact({ ...place, at: [...all].indexOf(button) });
  };
  return (
    <Button variant="ghost" small data-artifact onClick={(event) => open(event.currentTarget)}>
      <AppWindow className="i-14" />
      <Trans>Preview</Trans>
    </Button>
  );
}
