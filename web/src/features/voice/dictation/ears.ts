/** What listens to a person: the browser's recognition, or a recording for the server's model. */

export interface Ears {
  /** How loud it is now, 0 to 1; null where nobody can tell. */
  level: () => number | null;
  /** What was said, once all of it is written down. Empty: nothing was heard. */
  finish: () => Promise<string>;
  /** Forgets what was heard. */
  cancel: () => void;
}

export type Deafness = "not_allowed" | "no_microphone" | "not_secure" | "no_recognition" | "no_network";

/** Why nothing can be heard. */
export class Deaf extends Error {
  constructor(readonly why: Deafness) {
    super(why);
    this.name = "Deaf";
  }
}

/** The microphone. Rejects with Deaf. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new Deaf("not_secure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    throw new Deaf(name === "NotAllowedError" || name === "SecurityError" ? "not_allowed" : "no_microphone");
  }
}

/** How loud a stream is, from its waveform: the root of the mean square, with speech near the middle. */
export function meterOf(context: AudioContext, stream: MediaStream): () => number {
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(wave);
    const mean = wave.reduce((sum, value) => sum + value * value, 0) / wave.length;
    return Math.min(1, Math.sqrt(mean) * 4);
  };
}
