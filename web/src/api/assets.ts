/** Files of the app's own build that scripts hand on, such as the interpreters of code blocks. */

/** The bytes of `address`; a hashed one is kept by the browser for ever. */
export async function loadFile(address: string): Promise<ArrayBuffer> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.arrayBuffer();
}
