/** Records what is said, and has the server's model write it down. */
import { type SpokenIn, transcribe } from "@/api/voice";
import { type Ears, meterOf, openMicrophone } from "./ears";

/** The first that the browser can record; all of them are taken by Whisper servers. */
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** Begins to listen. Rejects with Deaf. */
export async function startRecorder(where: SpokenIn): Promise<Ears> {
  const stream = await openMicrophone();
  const context = new AudioContext();
  const level = meterOf(context, stream);
  const abort = new AbortController();
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType });
  const pieces: Blob[] = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.start(1000);

  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  return {
    level,
    finish: async () => {
      const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
      if (recorder.state !== "inactive") {
        recorder.stop();
        await stopped;
      }
      if (context.state !== "closed") close();
      return await transcribe(new Blob(pieces, { type: recorder.mimeType }), where, abort.signal);
    },
    cancel: () => {
      abort.abort();
      if (recorder.state !== "inactive") recorder.stop();
      if (context.state !== "closed") close();
    },
  };
}
