// Plain JavaScript, because an old Node can not read the rest.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(`Bedside needs Node 24; this is ${process.versions.node}. On Linux "npm ci" brings it (x64, arm64); elsewhere install it, for example with "npm install --global n && n 24".\n`);
  process.exit(1);
}
