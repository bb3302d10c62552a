// Signs what it reads, a message in hex a line, and answers a line with each one's signature; the first line is the address.
import { createInterface } from 'node:readline';
const { Hotkey } = await import(process.argv[2]);

const hotkey = new Hotkey(process.argv[3]);
console.log(hotkey.address);
for await (const line of createInterface({ input: process.stdin })) {
  console.log(hotkey.sign(Buffer.from(line, 'hex')));
}
