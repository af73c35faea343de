import { Trans } from "@lingui/react/macro";
import { Link, useRouter } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError, NotKept, Unreachable } from "@/api/errors";
import { Button } from "@/components/ui/button";
import { Mark } from "@/components/ui/mark";

/** No such page. */
export function PageMissing() {
  return (
    <main className="main grid place-content-center justify-items-center gap-4 p-8 text-center">
      <Mark className="i-20" />
      <h1 className="text-md font-normal">
        <Trans>There is nothing at this address.</Trans>
      </h1>
      <Link to="/" className="btn btn-outline">
        <Trans>New chat</Trans>
      </Link>
    </main>
  );
}

/** A page could not be drawn: the server is away, or something in it broke. */
export function PageFailed({ error, header }: { error: unknown; header?: ReactNode }) {
  const router = useRouter();
  return (
    <main className="main h-full" id="main">
      {header}
      <div className="grid flex-1 place-content-center p-8">
        <div className="card fail max-w-[32rem]" role="alert">
          <div className="row">
            <TriangleAlert />
            <b>
              {error instanceof NotKept ? (
                <Trans>This is not kept on this device</Trans>
              ) : error instanceof Unreachable ? (
                <Trans>The server cannot be reached</Trans>
              ) : (
                <Trans>This page failed</Trans>
              )}
            </b>
          </div>
          <p>
            {error instanceof NotKept ? (
              <Trans>
                The server cannot be reached. The newest chats and those that you opened lately can be read
                without it; this opens when it is back.
              </Trans>
            ) : error instanceof Unreachable ? (
              <Trans>
                Nothing you wrote is lost. Check that Freehold runs and that the network is there.
              </Trans>
            ) : error instanceof ApiError ? (
              error.problem.next_step || error.message
            ) : (
              String(error)
            )}
          </p>
          <div className="row">
            <Button small onClick={() => void router.invalidate()}>
              <Trans>Try again</Trans>
            </Button>
          </div>
        </div>
      </div>
    </main>
  );
}
