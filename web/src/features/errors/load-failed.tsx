import { Trans } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import { ApiError, Unreachable } from "@/api/errors";
import { Button } from "@/components/ui/button";
import { useErrorText } from "./error-text";

/** A card in the place of what did not come, with a way on. */
export function LoadFailed({ query }: { query: { error: unknown; refetch: () => unknown } }) {
  const { error } = query;
  const errorText = useErrorText();
  return (
    <div className="card fail" role="alert">
      <div className="row">
        <TriangleAlert />
        <b>
          {error instanceof Unreachable ? (
            <Trans>The server cannot be reached</Trans>
          ) : (
            <Trans>This could not be loaded</Trans>
          )}
        </b>
      </div>
      <p>
        {error instanceof Unreachable ? (
          <Trans>Check that Freehold runs and that the network is there.</Trans>
        ) : error instanceof ApiError ? (
          errorText(error.problem).what
        ) : (
          String(error)
        )}
      </p>
      <div className="row">
        <Button small onClick={() => void query.refetch()}>
          <Trans>Try again</Trans>
        </Button>
      </div>
    </div>
  );
}
