// What a GPU would do, by the rules of the gateway's challenges in software (docs/chutes.md). It proves nothing about GPUs.
import { createDecipheriv, createHash, createHmac } from 'node:crypto';

/** The key that a challenge hides from all but its GPU.
 *  @param {string} seed digits
 *  @param {string} ciphertext base64 of an initial vector of 16 bytes and what it begins
 *  @returns {string} 32 hexadecimal digits */
export const revealKey = (uuid, seed, ciphertext) => {
  const key = createHash('sha256').update(`${seed}:${uuid}`).digest().subarray(0, 16);
  const bytes = Buffer.from(ciphertext, 'base64');
  const decipher = createDecipheriv('aes-128-cbc', key, bytes.subarray(0, 16));
  return decipher.update(bytes.subarray(16), undefined, 'ascii') + decipher.final('ascii');
};

/** The work product of a seed. */
export const work = (uuid, seed, iterations) => createHmac('sha256', seed).update(`${uuid}:${iterations}`).digest('hex');
