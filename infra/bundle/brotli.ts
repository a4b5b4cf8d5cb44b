import { brotliDecompressSync } from 'node:zlib';

/** Stands in for a JavaScript decoder with a 450 kB dictionary: Node has its own. Only WOFF2 fonts would ask for it. */
const decompress = (bytes: Uint8Array): Uint8Array => brotliDecompressSync(bytes);
export { decompress as default };
