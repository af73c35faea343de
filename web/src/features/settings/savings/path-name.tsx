import { Trans } from "@lingui/react/macro";
import { Cloud, House, Repeat2 } from "lucide-react";

/** Where an answer came from. */
export function PathName({ path }: { path: string }) {
  if (path === "in_house")
    return (
      <span className="where in">
        <House className="i-14" />
        <Trans>in-house</Trans>
      </span>
    );
  if (path === "cache")
    return (
      <span className="where">
        <Repeat2 className="i-14" />
        <Trans>cache</Trans>
      </span>
    );
  return (
    <span className="where out">
      <Cloud className="i-14" />
      <Trans>outside</Trans>
    </span>
  );
}
