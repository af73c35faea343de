/** Who speaks: from how loud it is, frame by frame, the beginning and the end of what a person says. */

export const FRAME_MS = 20;
/** The least that is taken for speech, as a root mean square; a quiet room is a tenth of it. */
const LEAST = 0.012;
/** So many times louder than the room. */
const ABOVE_ROOM = 3;
/** What comes out of the loudspeaker is heard as well, though the browser takes most of it away. */
const ABOVE_SPEAKER = 2;
const BEGIN_MS = 160;
const BEGIN_OVER_SPEAKER_MS = 300;
/** A pause for thought is shorter. */
const END_MS = 900;
/** A cough or a door. */
const SHORTEST_MS = 240;

export type Turning = "begin" | "end" | "nothing";

/** Feed it every frame. "nothing" after "begin": it was too short to be speech. */
export class Turns {
  private room = 0.003;
  private loudMs = 0;
  private quietMs = 0;
  private voicedMs = 0;
  private speaking = false;

  /** `over`: something is being read aloud, which has to be outdone. */
  feed(level: number, over: boolean): Turning | null {
    const loud = level > Math.max(LEAST, this.room * ABOVE_ROOM) * (over ? ABOVE_SPEAKER : 1);
    return this.speaking ? this.during(loud) : this.before(loud, level, over);
  }

  private before(loud: boolean, level: number, over: boolean): Turning | null {
    if (!loud) {
      // the room changes slowly; speech is not part of it
      this.room = Math.min(0.05, this.room * 0.97 + level * 0.03);
      this.loudMs = Math.max(0, this.loudMs - FRAME_MS);
      return null;
    }
    this.loudMs += FRAME_MS;
    if (this.loudMs < (over ? BEGIN_OVER_SPEAKER_MS : BEGIN_MS)) return null;
    this.speaking = true;
    this.voicedMs = this.loudMs;
    this.quietMs = 0;
    return "begin";
  }

  private during(loud: boolean): Turning | null {
    if (loud) {
      this.voicedMs += FRAME_MS;
      this.quietMs = 0;
      return null;
    }
    this.quietMs += FRAME_MS;
    if (this.quietMs < END_MS) return null;
    const enough = this.voicedMs >= SHORTEST_MS;
    this.reset();
    return enough ? "end" : "nothing";
  }

  reset(): void {
    this.speaking = false;
    this.loudMs = 0;
    this.quietMs = 0;
    this.voicedMs = 0;
  }
}

/** A WAV file of 16-bit mono. */
export function wavOf(frames: Float32Array[], rate: number): Blob {
  const samples = frames.reduce((sum, frame) => sum + frame.length, 0);
  const view = new DataView(new ArrayBuffer(44 + samples * 2));
  const letters = (at: number, word: string) => {
    for (let index = 0; index < word.length; index++) view.setUint8(at + index, word.charCodeAt(index));
  };
  letters(0, "RIFF");
  view.setUint32(4, 36 + samples * 2, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  letters(36, "data");
  view.setUint32(40, samples * 2, true);
  let at = 44;
  for (const frame of frames) {
    for (const value of frame) {
      view.setInt16(at, Math.max(-1, Math.min(1, value)) * 0x7fff, true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}
