/** Speech by way of the server. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { SpeechNew, VoiceInfo } from "./types";

export const voiceQuery = queryOptions({
  queryKey: ["voice"],
  queryFn: (): Promise<VoiceInfo> => body(api.GET("/api/voice")),
  staleTime: 60_000,
});

export const useVoice = () => useQuery(voiceQuery);
export const voiceInfo = () => queryClient.ensureQueryData(voiceQuery);

export interface SpokenIn {
  /** The chat; none for one that has not begun. */
  threadId: string | undefined;
  inHouse: boolean;
}

/** What is said in a recording. */
export async function transcribe(
  sound: Blob,
  { threadId, inHouse }: SpokenIn,
  signal?: AbortSignal,
): Promise<string> {
  const { text } = await body(
    api.POST("/api/voice/transcription", {
      params: { query: { thread_id: threadId, in_house: inHouse } },
      body: { file: sound as unknown as string },
      bodySerializer: () => {
        const form = new FormData();
        form.append("file", sound, "speech");
        return form;
      },
      signal,
    }),
  );
  return text;
}

/** A piece of text as sound. */
export async function speak(wish: SpeechNew, signal?: AbortSignal): Promise<Blob> {
  const { data } = await api.POST("/api/voice/speech", { body: wish, parseAs: "blob", signal });
  return data as unknown as Blob;
}
