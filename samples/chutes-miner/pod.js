// The program that a miner runs: it claims its launch config, proves that it has its GPUs, and serves.
import { createCipheriv, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { revealKey, work } from './software-gpu.js';

const primaryPort = 8000; // inside; the first that is mapped is where the instance is called
const loggingPort = 8001;

export class Pod {
  #token;
  #gpus;
  #host;
  #mappings;
  #servers = [];
  #challenge;
  #key;

  /** @param {string} token a launch config's; its claims say where to go
   *  @param {string[]} gpus uuids
   *  @param {string} host where the pod is reached
   *  @param {number} firstPort of the host, for the primary port; those for the others follow
   *  @param {{port: number, proto: string}[]} ports what its job needs besides */
  constructor(token, gpus, host, firstPort, ports) {
    this.#token = token;
    this.#gpus = gpus;
    this.#host = host;
    this.#mappings = [
      { proto: 'tcp', internal_port: primaryPort, external_port: firstPort, default: true },
      { proto: 'tcp', internal_port: loggingPort, external_port: firstPort + 1, default: true },
      ...ports.map(({ port, proto }, index) => ({
        proto: proto === 'http' ? 'TCP' : proto.toUpperCase(), internal_port: port, external_port: firstPort + 2 + index, default: false,
      })),
    ];
  }

  async claim() {
    const text = await this.#call('POST', '', {
      gpus: this.#gpus.map((uuid) => ({ uuid })), port_mappings: this.#mappings, host: this.#host, env: '', code: '', fsv: null,
    });
    const { iterations, symmetric_key: sealed } = JSON.parse(text);
    // The seed's digits from the text: as a number it would lose some.
    const seed = sealed.response_plaintext.split(' ').pop();
    this.#challenge = { seed, iterations, sentence: sealed.response_plaintext };
    this.#key = Buffer.from(revealKey(sealed.uuid, seed, sealed.ciphertext), 'hex');
    return { seed, iterations };
  }

  async prove() {
    await Promise.all(this.#mappings.filter((mapping) => !mapping.default).map((mapping) => this.#answerProbes(mapping)));
    const { seed, iterations, sentence } = this.#challenge;
    const [iv, response] = this.#encrypt(sentence);
    const proof = Object.fromEntries(this.#gpus.map((uuid) => [uuid, { work_product: work(uuid, seed, iterations) }]));
    return JSON.parse(await this.#call('PUT', '', { response, iv, proof }));
  }

  /** Starts to serve, and says so. */
  async serve() {
    const server = createHttpServer((_, response) => response.end('hello\n'));
    await this.#listen(server, this.#mappings[0].external_port);
    return JSON.parse(await this.#call('GET', '/activate'));
  }

  stop() {
    for (const server of this.#servers) {
      server.close();
    }
  }

  /** Whoever says "test" is told what only this pod can encrypt. */
  #answerProbes({ proto, internal_port: port, external_port: external }) {
    const answer = () => {
      const [iv, text] = this.#encrypt(`response from ${proto.toLowerCase()} ${port}`);
      return `${iv}|${text}`;
    };
    if (proto === 'UDP') {
      const socket = createSocket('udp4').on('message', (_, { address, port: from }) => socket.send(answer(), from, address));
      this.#servers.push(socket);
      return new Promise((resolve, reject) => socket.once('error', reject).bind(external, resolve));
    }

    return this.#listen(createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer()))), external);
  }

  #listen(server, port) {
    this.#servers.push(server);
    return new Promise((resolve, reject) => server.once('error', reject).listen(port, resolve));
  }

  #encrypt(text) {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', this.#key, iv);
    return [iv.toString('hex'), cipher.update(text, 'ascii', 'base64') + cipher.final('base64')];
  }

  async #call(method, path, body) {
    const { url } = JSON.parse(Buffer.from(this.#token.split('.')[1], 'base64url').toString());
    const headers = { Authorization: this.#token, ...(body && { 'Content-Type': 'application/json' }) };
    const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${url}${path} answered ${response.status}: ${text}`);
    }

    return text;
  }
}
