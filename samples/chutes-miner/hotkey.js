// A hotkey: an sr25519 key pair, and what a miner signs with it.
import { createHash } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import { base58 } from '@scure/base';
import * as sr25519 from '@scure/sr25519';

const prefix = 42; // of Bittensor's addresses

/** @param {Uint8Array} publicKey 32 bytes */
const addressOf = (publicKey) => {
  const body = Uint8Array.of(prefix, ...publicKey);
  const checksum = blake2b(Buffer.concat([Buffer.from('SS58PRE'), body])).slice(0, 2);
  return base58.encode(Uint8Array.of(...body, ...checksum));
};

export class Hotkey {
  #secret;

  /** @param {string} seed 32 bytes as hex: the whole of the secret */
  constructor(seed) {
    this.#secret = sr25519.secretFromSeed(Buffer.from(seed, 'hex'));
    this.address = addressOf(sr25519.getPublicKey(this.#secret));
  }

  /** @param {Uint8Array} message
   *  @returns {string} 64 bytes as hex; another one each time */
  sign(message) {
    return Buffer.from(sr25519.sign(this.#secret, message)).toString('hex');
  }

  /** The headers of a signed request.
   *  @param {{purpose?: string, body?: string}} what the purpose of a route that has one, else the body's exact text */
  headers({ purpose, body }) {
    const nonce = Math.floor(Date.now() / 1000).toString();
    const subject = purpose ?? createHash('sha256').update(body).digest('hex');
    return {
      'X-Chutes-Hotkey': this.address,
      'X-Chutes-Nonce': nonce,
      'X-Chutes-Signature': this.sign(Buffer.from(`${this.address}:${nonce}:${subject}`)),
    };
  }
}
