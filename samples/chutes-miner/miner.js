// Brings an instance of a chute up on this machine and takes it down again, as a miner and its pod do; see --help.
import { parseArgs } from 'node:util';
import { Hotkey } from './hotkey.js';
import { Pod } from './pod.js';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:3000' },
    seed: { type: 'string', default: '4d'.repeat(32) },
    chute: { type: 'string', default: 'hello' },
    job: { type: 'string' },
    gpu: { type: 'string', multiple: true, default: ['0a'.repeat(16)] },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '31000' },
    need: { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
    address: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const help = `node miner.js
  --url URL      the gateway (http://localhost:3000)
  --seed HEX     the hotkey's secret, 32 bytes; the default is that of samples/chutes-inventory.json
  --chute ID     what to bring up (hello)
  --job ID       for which of its jobs
  --gpu UUID     a GPU to bring it up on; once for each
  --host HOST    where the instance is reached (127.0.0.1)
  --port PORT    the first of the ports that it is reached at (31000)
  --need PROTO:PORT  a port that the job needs, such as tcp:2222; once for each
  --keep         serve until Ctrl-C before it is taken down
  --address      only say which address the seed has`;

const hotkey = new Hotkey(options.seed);

const signed = async (method, path, purpose) => {
  const response = await fetch(options.url + path, { method, headers: hotkey.headers({ purpose }) });
  if (response.status !== 200) {
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  }

  return response.json();
};

const run = async () => {
  const query = new URLSearchParams({ chute_id: options.chute, ...(options.job && { job_id: options.job }) });
  const { token, config_id: config } = await signed('GET', `/instances/launch_config?${query}`, 'launch');
  console.log(`issued ${config}`);

  const ports = options.need.map((need) => ({ proto: need.split(':')[0], port: Number(need.split(':')[1]) }));
  const pod = new Pod(token, options.gpu, options.host, Number(options.port), ports);
  try {
    const { seed, iterations } = await pod.claim();
    console.log(`claimed, challenged with ${iterations} iterations of ${seed}`);
    const { instance_id: instance } = await pod.prove();
    console.log(`verified ${instance}`);
    await pod.serve();
    console.log(`activated ${instance}`);
    if (options.keep) {
      await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    }

    await signed('DELETE', `/instances/${options.chute}/${instance}`, 'instances');
    console.log(`deleted ${instance}`);
  } finally {
    pod.stop();
  }
};

if (options.help) {
  console.log(help);
} else if (options.address) {
  console.log(hotkey.address);
} else {
  await run().catch((error) => {
    console.error(error.cause?.code ? `${error.message}: ${error.cause.code}` : error.message);
    process.exitCode = 1;
  });
}
