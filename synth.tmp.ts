import { synthesise } from './infra/synth.ts';
const t = Date.now();
try { synthesise({ outdir: '/tmp/out', bundleFolder: '/tmp/bundles/functions' }); } catch (e: any) { console.log(String(e.message).slice(0, 3000)); }
console.log('ms', Date.now() - t);
