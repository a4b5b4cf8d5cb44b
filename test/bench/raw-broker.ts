import { Aedes } from 'aedes';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** The broker library alone behind mutual TLS, on a free port, which it tells its parent: nothing is checked, nothing is stored. Arguments: the folder of the certificates. */
const folder = process.argv[2] ?? '.';
const aedes = await Aedes.createBroker();
const file = (name: string): Buffer => readFileSync(join(folder, name));
const server = createServer({ key: file('server.key'), cert: file('server.crt'), ca: file('ca.crt'), requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, (socket) => { aedes.handle(socket); });
server.listen(0, '127.0.0.1', () => { process.send?.(server.address()); });
