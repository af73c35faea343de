import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { ApiError, isSignedOut } from "@/api/errors";
import { queryClient } from "@/api/query-client";
import { threadQuery } from "@/api/threads";
import { useReport } from "@/features/errors/report";

/** What to do when the server refused a thread's first message: say why, and go back to where the message is now. */
export function useRefusal(): (threadId: string) => (error: unknown) => void {
  const report = useReport();
  const navigate = useNavigate();
  return useCallback(
    (threadId) => async (error) => {
      report(error);
      const { queryKey } = threadQuery(threadId);
      if (!(error instanceof ApiError) || isSignedOut(error)) return;
      if (queryClient.getQueryData(queryKey)?.messages.length !== 0) return;
      if (location.pathname === `/c/${threadId}`) await navigate({ to: "/" });
      queryClient.removeQueries({ queryKey });
    },
    [report, navigate],
  );
}
